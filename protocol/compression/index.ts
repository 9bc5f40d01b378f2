// The four codecs of record batches. Loaded when first used: a broker that only passes batches on
// never needs them. Output of untrusted input is bounded everywhere.
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { SchemaError } from '../primitives.ts'
import { snappyDecode, snappyEncode } from './snappy.ts'

export type CompressionCodec = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

/** By the id in a batch's attributes. */
export const codecNames: readonly CompressionCodec[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

const gzip = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gzip)
const gunzip = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip)
const require = createRequire(import.meta.url)

interface Lz4 {
  compressFrame(data: Uint8Array): Promise<Buffer>
  decompressFrame(data: Uint8Array): Promise<Buffer>
}
const lz4 = (): Lz4 => require('lz4-napi') as Lz4

interface Zstd {
  compress(data: Uint8Array, level?: number): Uint8Array | Promise<Uint8Array>
  decompress(data: Uint8Array, maxBytes: number): Uint8Array | Promise<Uint8Array>
}

interface ZstdWasm {
  init(): Promise<void>
  compress(data: Uint8Array, level?: number): Uint8Array
  decompress(data: Uint8Array, options?: { defaultHeapSize?: number }): Uint8Array
}

/** ZSTD_c_compressionLevel */
const ZSTD_LEVEL_PARAMETER = 100
const FIRST_ZSTD_OUTPUT_BYTES = 1024 * 1024

/** The module wants the output's size beforehand, which frames of streaming writers do not tell. */
function growingDecompress(wasm: ZstdWasm, data: Uint8Array, maxBytes: number): Uint8Array {
  const first = Math.min(maxBytes, Math.max(FIRST_ZSTD_OUTPUT_BYTES, data.length * 4))
  for (let size = first; ; size = Math.min(size * 4, maxBytes)) {
    try {
      return wasm.decompress(data, { defaultHeapSize: size })
    } catch (error) {
      if (size >= maxBytes) throw error
    }
  }
}

let zstdModule: Promise<Zstd> | null = null

async function loadZstd(): Promise<Zstd> {
  const native = zlib as unknown as {
    zstdCompress?: (
      data: Uint8Array,
      options: { params?: Record<number, number> },
      done: (e: Error | null, out: Buffer) => void,
    ) => void
    zstdDecompress?: (
      data: Uint8Array,
      options: { maxOutputLength: number },
      done: (e: Error | null, out: Buffer) => void,
    ) => void
  }
  const { zstdCompress, zstdDecompress } = native
  if (zstdCompress !== undefined && zstdDecompress !== undefined) {
    const inflate = promisify(zstdDecompress)
    const deflate = promisify(zstdCompress)
    return {
      compress: (data, level) =>
        deflate(data, level === undefined ? {} : { params: { [ZSTD_LEVEL_PARAMETER]: level } }),
      decompress: (data, maxOutputLength) => inflate(data, { maxOutputLength }),
    }
  }
  const wasm = require('@bokuweb/zstd-wasm') as ZstdWasm
  await wasm.init()
  return {
    compress: (data, level) => wasm.compress(data, level),
    decompress: (data, maxBytes) => growingDecompress(wasm, data, maxBytes),
  }
}

function zstd(): Promise<Zstd> {
  zstdModule ??= loadZstd()
  return zstdModule
}

/** `id` goes into the batch's attributes. `level`: the codec's own where left out; gzip and zstd have one. */
export async function compress(
  codec: CompressionCodec,
  data: Buffer,
  level?: number,
): Promise<{ id: number; bytes: Buffer }> {
  const id = codecNames.indexOf(codec)
  switch (codec) {
    case 'none':
      return { id, bytes: data }
    case 'gzip':
      return { id, bytes: await gzip(data, level === undefined ? {} : { level }) }
    case 'snappy':
      return { id, bytes: await snappyEncode(data) }
    case 'lz4':
      return { id, bytes: await lz4().compressFrame(data) }
    case 'zstd':
      return { id, bytes: Buffer.from(await (await zstd()).compress(data, level)) }
  }
}

async function inflate(codec: CompressionCodec, data: Buffer, maxBytes: number): Promise<Buffer> {
  switch (codec) {
    case 'none':
      return data
    case 'gzip':
      return gunzip(data, { maxOutputLength: maxBytes })
    case 'snappy':
      return snappyDecode(data, maxBytes)
    case 'lz4':
      return lz4().decompressFrame(data)
    case 'zstd':
      return Buffer.from(await (await zstd()).decompress(data, maxBytes))
  }
}

/** Throws SchemaError when `data` is not what the codec writes, or would grow past `maxBytes`. */
export async function decompress(
  codec: CompressionCodec,
  data: Buffer,
  maxBytes: number,
): Promise<Buffer> {
  let out: Buffer
  try {
    out = await inflate(codec, data, maxBytes)
  } catch (cause) {
    throw new SchemaError(`${data.length} bytes are no ${codec} data that fits`, { cause })
  }
  if (out.length > maxBytes) throw new SchemaError(`${codec} data larger than ${maxBytes} bytes`)
  return out
}
