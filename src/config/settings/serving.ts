/** What it listens on, whom it believes, and how much of the machine it takes. */
import { isIP } from 'node:net'
import { availableParallelism } from 'node:os'
import { z } from 'zod'
import { type Setting, setting, wholeNumber } from './setting.ts'

const networks = z
  .string()
  .transform((text) => text.split(',').map((network) => network.trim()))
  .refine((list) => list.every(isNetwork), {
    error: 'must be IP addresses, networks like 10.0.0.0/8, or loopback, with commas between them',
  })

/** The names of proxy-addr: private networks, and those of one machine or one link. */
const namedNetworks = ['loopback', 'linklocal', 'uniquelocal']

function isNetwork(text: string): boolean {
  if (namedNetworks.includes(text)) return true
  const [address = '', length, ...more] = text.split('/')
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  return (
    more.length === 0 &&
    bits > 0 &&
    (length === undefined || (/^\d+$/.test(length) && Number(length) <= bits))
  )
}

export const serving = {
  host: setting('PENSTOCK_HOST', z.string().min(1), '127.0.0.1', 'address that the API listens on'),
  port: setting('PENSTOCK_PORT', wholeNumber(0, 65_535), 8080, 'port of the API; 0 takes a free one'),
  metricsPort: setting(
    'PENSTOCK_METRICS_PORT',
    wholeNumber(0, 65_535),
    undefined,
    'port of /metrics, /healthz and /readyz alone, whatever the roles; then the API serves no /metrics; 0 takes a free one',
  ),
  metricsHost: setting(
    'PENSTOCK_METRICS_HOST',
    z.string().min(1),
    undefined,
    'address that PENSTOCK_METRICS_PORT listens on; without it that of the API',
  ),
  tlsCert: setting(
    'PENSTOCK_TLS_CERT',
    z.string().min(1),
    undefined,
    'file of the certificate, with its chain, as PEM: then the API is served over HTTPS; read again when it changes',
  ),
  tlsKey: setting('PENSTOCK_TLS_KEY', z.string().min(1), undefined, "file of the certificate's key, as PEM"),
  trustedProxies: setting(
    'PENSTOCK_TRUSTED_PROXIES',
    networks,
    undefined,
    'addresses and networks of your own reverse proxies, with commas between them, or loopback: the client is who they say',
  ),
  geoipDatabase: setting(
    'PENSTOCK_GEOIP_DATABASE',
    z.string().min(1),
    undefined,
    'file of a MaxMind database of cities or countries (.mmdb), which turns addresses into places; read again when it changes',
  ),
  threads: setting(
    'PENSTOCK_THREADS',
    wholeNumber(1, 256),
    availableParallelism(),
    'threads that parse, check, hash and compress',
  ),
  logLevel: setting(
    'PENSTOCK_LOG_LEVEL',
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'], {
      error: 'must be trace, debug, info, warn, error or silent',
    }),
    'info',
    'least severe log line that is written',
  ),
  shutdownSeconds: setting(
    'PENSTOCK_SHUTDOWN_SECONDS',
    wholeNumber(0, 3600),
    25,
    'how long SIGTERM waits for requests in flight',
  ),
} as const satisfies Record<string, Setting>
