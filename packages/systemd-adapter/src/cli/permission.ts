import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { posix } from 'node:path'
import { errnoOf } from '../host/file-error.ts'
import { writePath } from '../host/lookup-path.ts'
import { placeOf } from '../host/place-of.ts'
import type { HostSettings } from '../host/settings.ts'

/** Whether this user may apply, and if not, what to do. */
export interface Permission {
  readonly mayApply: boolean
  readonly sentence: string
}

/** Looks whether drop-ins can be written here, and whether systemd would obey. Changes nothing. */
export async function readPermission(settings: HostSettings): Promise<Permission> {
  const { scope, persistence, user, isOffline } = settings
  const path = writePath(scope, persistence, user)
  const refusal = await refusalAt(await placeOf(path, settings))
  const may = (sentence: string): Permission => ({ mayApply: true, sentence })
  const mayNot = (sentence: string): Permission => ({ mayApply: false, sentence })
  if (refusal === 'EROFS') {
    return mayNot(`${path} is on a read-only file system; --runtime writes to /run`)
  }
  if (refusal !== undefined) return mayNot(`${path} cannot be written (${refusal}); ${SUDO}`)
  if (isOffline) return may(`${path} of the image can be written`)
  if (scope === 'user') return may(`${path} can be written, and the manager is your own`)
  if (process.geteuid?.() === 0) return may(`you are root, and ${path} can be written`)
  return mayNot(`${path} can be written, but only root may have systemd reload; ${SUDO}`)
}

const SUDO = 'run it as root (sudo)'

/** Of a directory that is not there yet, the nearest one above counts. */
async function refusalAt(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.W_OK)
    return undefined
  } catch (error) {
    const code = errnoOf(error)
    return code === 'ENOENT' && path !== '/' ? refusalAt(posix.dirname(path)) : code
  }
}
