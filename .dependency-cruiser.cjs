// Which way imports run (docs/ARCHITECTURE.md). The broker's layers, bottom up:
// runtime, protocol ← log, network ← raft ← metadata ← controller, replication ← coordinator ← api ← main.
const notTests = '\\.test\\.tsx?$|^tests/'
const never = (name, from, to, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from, pathNot: notTests },
  to: { path: to, dependencyTypesNot: ['type-only'] },
})
const layer = (folder, below) =>
  never(
    `broker-${folder}`,
    `^broker/${folder}/`,
    `^broker/(?!${[folder, 'runtime', 'config/definitions', 'config/values', 'metrics', ...below].join('|')})`,
    `broker/${folder} stands on ${below.join(', ') || 'runtime, metrics and protocol'} alone`,
  )

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    never(
      'broker-stands-alone',
      '^(broker|protocol)/',
      '^(app|server|components|hooks|contracts|supervisor)/|node_modules/(next|react|@prisma|prisma|kafkajs)/',
      'broker and protocol know nothing of the console',
    ),
    never('protocol-is-a-leaf', '^protocol/', '^(broker|server|lib)/', 'protocol imports nobody'),
    never(
      'console-by-the-wire',
      '^(app|server|components|hooks|contracts|lib)/',
      '^broker/',
      'the console reaches brokers by the wire',
    ),
    never(
      'supervisor-imports-none',
      '^supervisor/(?!admin/)',
      '^(broker|server|app|protocol)/',
      'the supervisor only launches',
    ),
    never(
      'cluster-command-by-the-wire',
      '^supervisor/admin/',
      '^(broker|server|app)/',
      '`npm run cluster` is a client like any other',
    ),
    never(
      'only-the-client',
      '^(app|server)/',
      '^supervisor/(?!client|layout|messages)',
      'the socket’s client is the door',
    ),
    never(
      'pages-do-not-reach-the-server',
      '^(components|hooks)/',
      '^server/',
      'browser code asks the API',
    ),
    never('components-down', '^components/', '^app/', 'components do not know routes'),
    never('hooks-down', '^hooks/', '^(app|components)/', 'hooks stand on contracts and lib'),
    never(
      'ui-knows-no-kafka',
      '^components/ui/',
      '^(components/(?!ui/)|contracts/)',
      'components/ui has no Kafka words',
    ),
    never('lib-is-pure', '^lib/', '^(server|app|components|hooks)/|^node:', 'lib is browser-safe'),
    never(
      'kafkajs-in-one-place',
      '^(?!server/(kafka|sample)/)',
      'node_modules/kafkajs/',
      'kafkajs stays in server/kafka and the sample traffic',
    ),
    layer('log', []),
    layer('network', []),
    layer('raft', ['log', 'network']),
    layer('metadata', ['log', 'network', 'raft', 'config/']),
    layer('controller', ['log', 'network', 'raft', 'metadata', 'config/']),
    layer('replication', ['log', 'network', 'raft', 'metadata', 'controller/types']),
    layer('coordinator', ['log', 'network', 'raft', 'metadata', 'replication']),
    never(
      'runtime-is-the-bottom',
      '^broker/runtime/',
      '^broker/(?!runtime)',
      'runtime imports nobody',
    ),
    never(
      'broker-runtime-only',
      '^broker/(?!runtime/|metrics/)',
      '^(node:)?(fs|net|timers|http|child_process)(/|$)',
      'the world only through broker/runtime',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(\\.next|dist|data)/|generated/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: 'specify',
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'] },
  },
}
