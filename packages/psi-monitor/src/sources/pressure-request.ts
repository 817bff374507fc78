import { posix } from 'node:path'

/** What systemd asks a service to watch (https://systemd.io/PRESSURE). */
export type PressureRequest =
  /** Nothing is asked: the own cgroup is watched. */
  | { readonly kind: 'none' }
  /** Pressure handling is switched off on purpose, e.g. by `MemoryPressureWatch=off`. */
  | { readonly kind: 'off' }
  | { readonly kind: 'watch'; readonly path: string; readonly write?: Uint8Array }
  /** The variables break the protocol. */
  | { readonly kind: 'invalid'; readonly sentence: string }

/** Reads `$MEMORY_PRESSURE_WATCH` and `$MEMORY_PRESSURE_WRITE`. */
export function readPressureRequest(
  env: Readonly<Record<string, string | undefined>>,
): PressureRequest {
  const path = env['MEMORY_PRESSURE_WATCH']
  if (path === undefined) return { kind: 'none' }
  if (path === '' || path === '/dev/null') return { kind: 'off' }
  if (!path.startsWith('/') || posix.normalize(path) !== path) {
    const sentence = `$MEMORY_PRESSURE_WATCH is ${JSON.stringify(path)}: systemd sets an absolute path without \`.\` and \`..\`.`
    return { kind: 'invalid', sentence }
  }
  const encoded = env['MEMORY_PRESSURE_WRITE']
  if (encoded === undefined || encoded === '') return { kind: 'watch', path }
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded) || encoded.length % 4 !== 0) {
    return { kind: 'invalid', sentence: '$MEMORY_PRESSURE_WRITE is not in Base64.' }
  }
  return { kind: 'watch', path, write: Buffer.from(encoded, 'base64') }
}
