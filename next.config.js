/** @type {import('next').NextConfig} */
const config = {
  poweredByHeader: false,
  reactStrictMode: true,
  // `npm run check` does; a first start need not wait for it.
  typescript: { ignoreBuildErrors: true },
  // Native and WebAssembly parts stay on disk instead of being bundled.
  serverExternalPackages: [
    '@bokuweb/zstd-wasm',
    '@libsql/client',
    '@node-rs/crc32',
    '@prisma/adapter-libsql',
    '@prisma/adapter-mariadb',
    '@prisma/adapter-pg',
    '@prisma/client',
    'better-auth',
    'kafkajs',
    'libsql',
    'lz4-napi',
    'snappy',
  ],
  allowedDevOrigins: ['127.0.0.1', 'localhost'],
  async headers() {
    return [
      {
        source: '/:path*',
        headers: [
          { key: 'X-Content-Type-Options', value: 'nosniff' },
          { key: 'X-Frame-Options', value: 'DENY' },
          { key: 'Referrer-Policy', value: 'same-origin' },
        ],
      },
    ]
  },
}

export default config
