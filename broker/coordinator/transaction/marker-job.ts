// The markers of one prepared transaction, on their way to the leaders of its partitions.
export interface MarkerJob {
  readonly transactionalId: string
  /** Who decided it: the job ends with it. */
  readonly shard: { readonly coordinatorEpoch: number; readonly state: string }
  readonly producerId: number
  readonly producerEpoch: number
  readonly transactionVersion: number
  readonly isCommit: boolean
  /** Partition names; each leaves once its marker is committed, or its topic is gone. */
  readonly unmarked: Set<string>
  /** Called once, when none is left. */
  done(): void
}
