import { describe, expect, test } from 'vitest'
import { FrameError, FrameReader } from './framing.ts'

function frame(body: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length)
  return Buffer.concat([length, body])
}

function collect(maxFrameBytes = 1024 * 1024) {
  const frames: Buffer[] = []
  return { frames, reader: new FrameReader(maxFrameBytes, (found) => frames.push(found)) }
}

describe('FrameReader', () => {
  test('gives the same frames however the stream is cut', () => {
    const bodies = [Buffer.from('a'), Buffer.alloc(0), Buffer.alloc(300, 7), Buffer.from('end')]
    const stream = Buffer.concat(bodies.map(frame))
    for (let chunkBytes = 1; chunkBytes <= stream.length; chunkBytes += 1) {
      const { frames, reader } = collect()
      for (let at = 0; at < stream.length; at += chunkBytes) {
        reader.push(stream.subarray(at, at + chunkBytes))
      }
      expect(frames).toEqual(bodies)
      expect(reader.isAtBoundary).toBe(true)
    }
  })

  test('does not copy a frame that lies in one chunk', () => {
    const { frames, reader } = collect()
    const chunk = frame(Buffer.from('whole'))
    reader.push(chunk)
    expect(frames[0]?.buffer).toBe(chunk.buffer)
  })

  test('assembles a frame of many chunks in a buffer of its exact size', () => {
    const { frames, reader } = collect()
    const body = Buffer.alloc(200_000, 3)
    const stream = frame(body)
    for (let at = 0; at < stream.length; at += 65_536) reader.push(stream.subarray(at, at + 65_536))
    expect(frames[0]?.equals(body)).toBe(true)
    expect(frames[0]?.buffer.byteLength).toBe(body.length)
  })

  test('knows when the stream stops inside a frame', () => {
    const { reader } = collect()
    reader.push(frame(Buffer.from('abc')).subarray(0, 2))
    expect(reader.isAtBoundary).toBe(false)
  })

  test.each([
    ['negative', -1],
    ['oversized', 101],
  ])('refuses a %s length before any byte of the body', (_name, sizeBytes) => {
    const { reader } = collect(100)
    const length = Buffer.alloc(4)
    length.writeInt32BE(sizeBytes)
    expect(() => reader.push(length)).toThrow(FrameError)
  })
})
