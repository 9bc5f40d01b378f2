// Configurations of Apache Kafka that are known, validated and kept here, but change nothing: what is said of each
// group of them, by name. Shown by DescribeConfigs and the console behind documentation.ts's own sentences.

const RULES: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [
    /^(log\.local\.|local\.|remote\.|follower\.fetch\.last\.tiered\.)/,
    'tiered storage is not part of Eyrie.',
  ],
  [/^(ssl\.|sasl\.)/, 'only PLAINTEXT listeners are served.'],
  [
    /^(authorizer\.|connection\.failed\.|connections\.max\.reauth\.|principal\.builder\.)/,
    'clients are neither authenticated nor authorized.',
  ],
  [/^(early\.start\.|super\.users|security\.)/, 'only PLAINTEXT listeners are served.'],
  [/^delegation\.token\./, 'delegation tokens are not issued.'],
  [/^(group\.share|share)\./, 'share groups are not served.'],
  [/^group\.streams\./, 'streams groups are not served.'],
  [/^(group\.consumer\.|group\.coordinator\.rebalance\.)/, 'groups use the classic protocol.'],
  [
    /(policy|callback)\.class(\.name)?$|reporters$|^config\.providers$|^kafka\.metrics\./,
    'it names Java classes, and there is no JVM to load them.',
  ],
  [/^metrics\./, 'rates are taken over the windows of Kafka’s defaults.'],
  [
    /\.purge\.interval\.requests$/,
    'requests that wait are forgotten as soon as they are answered.',
  ],
  [
    /^(background|num\.io|num\.network|group\.coordinator|group\.coordinator\.background)\.threads$/,
    'one event loop does what these threads do.',
  ],
  [
    /^(alter\.log\.dirs\.replication|controller|replication)?\.?quota\.window\./,
    'client quotas are not enforced.',
  ],
  [
    /^socket\.(listen\.backlog|receive\.buffer|send\.buffer)|^replica\.socket\.receive/,
    'sockets have the sizes that the system gives them.',
  ],
  [/^socket\.connection\.setup\./, 'connections to other nodes have a bound of their own.'],
  [/^queued\.max\./, 'a connection is read from only while few of its requests wait.'],
  [/\.load\.buffer\.size$/, 'a coordinator loads its partition in pieces of one size.'],
  [
    /^group\.coordinator\.(append\.linger|cached\.buffer)/,
    'writes of one moment go out together anyway.',
  ],
  [/^controller\.(socket|performance)\./, 'the controller is reached over its own connections.'],
  [/^offsets\.topic\.compression\./, 'offsets are written uncompressed.'],
  [/^telemetry\./, 'client telemetry is not received.'],
  [/^initial\.broker\.registration\./, 'a broker goes on until it is registered.'],
  [/^max\.request\.partition\.size\.limit$/, 'answers about topics come in pages of one size.'],
  [/^unclean\.leader\.election\.interval\./, 'an unclean election is made when it is needed.'],
  [/^(internal|server\.max\.startup|unstable)\./, 'a setting of Apache Kafka’s own tests.'],
]

/** null for what acts here, or has a sentence of its own. */
export function withoutEffect(name: string): string | null {
  const reason = RULES.find(([pattern]) => pattern.test(name))?.[1]
  return reason === undefined ? null : `Accepted and kept, without effect: ${reason}`
}
