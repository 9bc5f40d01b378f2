// What Apache Kafka's brokers tell of a config (DescribeConfigs, documentation) is written for its web site, in HTML.

/** Only what stands in Kafka's documentation: `<user>` or `<client-id>` are no tags but names to be filled in. */
const TAG =
  /<\/?(a|b|br|code|em|h[1-6]|i|li|ol|p|pre|strong|table|tbody|td|th|tr|tt|ul)(?:\s[^<>]*)?\/?>/gi
const BEGINS_LINE = new Set([
  'br',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'ol',
  'p',
  'pre',
  'tr',
  'ul',
])
const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&apos;': "'",
  '&nbsp;': ' ',
  '&amp;': '&',
}

/** The same as text: a line for each paragraph, items of lists behind a dot. */
export function plainDocumentation(html: string): string {
  return html
    .replace(/\s+/g, ' ')
    .replace(TAG, (tag, name: string) => {
      const lower = name.toLowerCase()
      if (lower === 'li') return tag.startsWith('</') ? '' : '\n• '
      return BEGINS_LINE.has(lower) ? '\n' : ''
    })
    .replace(/&(?:lt|gt|quot|#39|apos|nbsp|amp);/g, (entity) => ENTITIES[entity] ?? entity)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && line !== '•')
    .join('\n')
}
