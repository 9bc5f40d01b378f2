/** Every query key, from the widest to the narrowest, so that a prefix invalidates all below it. */
export const keys = {
  account: ['account'] as const,
  setup: (token: string) => ['setup', token] as const,
  users: ['users'] as const,
  audit: (query: object) => ['audit', query] as const,
  clusters: ['clusters'] as const,
  cluster: (cluster: string) => ['cluster', cluster] as const,
  overview: (cluster: string, range: string) => ['cluster', cluster, 'overview', range] as const,
  topics: (cluster: string, query: object) => ['cluster', cluster, 'topics', query] as const,
  topic: (cluster: string, topic: string) => ['cluster', cluster, 'topic', topic] as const,
  topicConfigs: (cluster: string, topic: string) =>
    ['cluster', cluster, 'topic', topic, 'configs'] as const,
  topicConfigDefaults: (cluster: string) => ['cluster', cluster, 'topic-config-defaults'] as const,
  messages: (cluster: string, topic: string, query: object) =>
    ['messages', cluster, topic, query] as const,
  replicaMap: (cluster: string, query: object) =>
    ['cluster', cluster, 'replica-map', query] as const,
  groups: (cluster: string, query: object) => ['cluster', cluster, 'groups', query] as const,
  group: (cluster: string, group: string) => ['cluster', cluster, 'group', group] as const,
  groupLag: (cluster: string, group: string, query: object) =>
    ['cluster', cluster, 'group', group, 'lag', query] as const,
  lagHeatMap: (cluster: string, query: object) => ['cluster', cluster, 'lag', query] as const,
  brokers: (cluster: string) => ['cluster', cluster, 'brokers'] as const,
  broker: (cluster: string, broker: number) => ['cluster', cluster, 'broker', broker] as const,
  brokerConfigs: (cluster: string, broker: number | 'default') =>
    ['cluster', cluster, 'broker-configs', broker] as const,
  configChanges: (cluster: string, query: object) =>
    ['cluster', cluster, 'config-changes', query] as const,
  quorum: (cluster: string) => ['cluster', cluster, 'quorum'] as const,
  metrics: (cluster: string, query: object) => ['cluster', cluster, 'metrics', query] as const,
  charts: (cluster: string) => ['cluster', cluster, 'charts'] as const,
  chart: (cluster: string, query: object) => ['cluster', cluster, 'chart', query] as const,
  restarts: (cluster: string, range: string) => ['cluster', cluster, 'restarts', range] as const,
  layouts: (cluster: string) => ['cluster', cluster, 'layouts'] as const,
  layout: (cluster: string, layout: string) => ['cluster', cluster, 'layout', layout] as const,
  mbeans: (cluster: string, search: string) => ['cluster', cluster, 'mbeans', search] as const,
  mbean: (cluster: string, mbean: string) => ['cluster', cluster, 'mbean', mbean] as const,
  sample: (cluster: string) => ['cluster', cluster, 'sample'] as const,
} as const
