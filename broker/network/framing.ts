// Cuts a byte stream into Kafka's frames: a 4-byte big-endian length, then that many bytes. Used by
// both ends of a connection. Holds no more than one unfinished frame; nothing here survives a
// connection.

export class FrameError extends Error {
  override readonly name = 'FrameError'
}

const LENGTH_BYTES = 4

/**
 * Feeds on chunks as the socket hands them out and gives whole frames, length prefix taken off. A
 * frame that lies in one chunk is a subarray of it; any other is assembled in a buffer of its exact
 * size, so that each byte is copied at most once however many chunks it takes.
 */
export class FrameReader {
  readonly #maxFrameBytes: number
  readonly #onFrame: (frame: Buffer) => void
  readonly #length = Buffer.alloc(LENGTH_BYTES)
  #lengthBytes = 0
  #target: Buffer | null = null
  #filledBytes = 0

  constructor(maxFrameBytes: number, onFrame: (frame: Buffer) => void) {
    this.#maxFrameBytes = maxFrameBytes
    this.#onFrame = onFrame
  }

  /** True between frames: the stream may end here without losing anything. */
  get isAtBoundary(): boolean {
    return this.#target === null && this.#lengthBytes === 0
  }

  /** Throws FrameError on a negative or oversized length; the stream is of no use afterwards. */
  push(chunk: Buffer): void {
    let position = 0
    while (position < chunk.length) {
      if (this.#target !== null) {
        position = this.#fill(this.#target, chunk, position)
        continue
      }
      const sizeBytes = this.#takeLength(chunk, position)
      position += sizeBytes.taken
      if (sizeBytes.value === null) return
      const end = position + sizeBytes.value
      if (end <= chunk.length) {
        this.#onFrame(chunk.subarray(position, end))
        position = end
      } else {
        // The pages of a large allocation are not backed before bytes arrive in them.
        this.#target = Buffer.allocUnsafeSlow(sizeBytes.value)
        this.#filledBytes = 0
      }
    }
  }

  #takeLength(chunk: Buffer, position: number): { value: number | null; taken: number } {
    if (this.#lengthBytes === 0 && chunk.length - position >= LENGTH_BYTES) {
      return { value: this.#checked(chunk.readInt32BE(position)), taken: LENGTH_BYTES }
    }
    const taken = Math.min(LENGTH_BYTES - this.#lengthBytes, chunk.length - position)
    chunk.copy(this.#length, this.#lengthBytes, position, position + taken)
    this.#lengthBytes += taken
    if (this.#lengthBytes < LENGTH_BYTES) return { value: null, taken }
    this.#lengthBytes = 0
    return { value: this.#checked(this.#length.readInt32BE(0)), taken }
  }

  #checked(sizeBytes: number): number {
    if (sizeBytes < 0) throw new FrameError(`negative frame size ${sizeBytes}`)
    if (sizeBytes > this.#maxFrameBytes) {
      throw new FrameError(
        `frame of ${sizeBytes} bytes is over the limit of ${this.#maxFrameBytes}`,
      )
    }
    return sizeBytes
  }

  #fill(target: Buffer, chunk: Buffer, position: number): number {
    const count = Math.min(target.length - this.#filledBytes, chunk.length - position)
    chunk.copy(target, this.#filledBytes, position, position + count)
    this.#filledBytes += count
    if (this.#filledBytes === target.length) {
      this.#target = null
      this.#onFrame(target)
    }
    return position + count
  }
}
