// --help of the commands, before anything is installed or built: plain JavaScript on Node's own modules.
import { readFileSync } from 'node:fs'

const tableOf = (name) =>
  JSON.parse(readFileSync(new URL(`../../supervisor/${name}.json`, import.meta.url), 'utf8'))

/** Prints the text and ends the process where --help or -h was given. */
export function helpIfAsked(text) {
  const args = process.argv.slice(2)
  if (!args.includes('--help') && !args.includes('-h')) return
  console.log(text())
  process.exit(0)
}

export const clusterHelp = () => tableOf('cluster-usage').join('\n')

export function startHelp() {
  const rows = tableOf('settings').map(
    ({ flag, env, fallback, help }) =>
      `  ${flag.padEnd(18)} ${env.padEnd(22)} ${help}${fallback === '' ? '' : ` (${fallback})`}`,
  )
  return [
    'npm start -- [options]: the console with its embedded Kafka cluster',
    '',
    '  option             environment            meaning (default)',
    ...rows,
    '  --dev                                     Next in development mode (npm run dev)',
    '  --supervise-only                          brokers and collector without the console’s server',
    '  --help                                    this text',
  ].join('\n')
}
