import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { programPath } from './redis-binary.ts'

/** Paths of a certificate for 127.0.0.1 and localhost that vouches for itself, and of its key. */
export interface TlsFiles {
  readonly ca: string
  readonly cert: string
  readonly key: string
  remove(): void
}

/** Why no certificate can be made here, for the title of what is skipped; undefined when one can. */
export function withoutTls(): string | undefined {
  return programPath('openssl') === undefined ? 'openssl is not installed' : undefined
}

/** Makes a certificate, in a directory of its own. */
export function createTlsFiles(): TlsFiles {
  const openssl = programPath('openssl')
  if (openssl === undefined) throw new Error(withoutTls())
  const dir = mkdtempSync(join(tmpdir(), 'worker-recycler-tls-'))
  const cert = join(dir, 'cert.pem')
  const key = join(dir, 'key.pem')
  const request = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2'
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  const args = [...request.split(' '), ...names, '-keyout', key, '-out', cert]
  execFileSync(openssl, args, { stdio: 'pipe' })
  return { ca: cert, cert, key, remove: () => rmSync(dir, { recursive: true, force: true }) }
}
