import { existsSync, readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = '/sys/fs/cgroup'
const PREFIX = 'worker-recycler-test-'

/** The hierarchies in which a systemd keeps its services: beside controllers of v1 two, else one. */
export function hierarchies(): readonly string[] {
  const beside = ['systemd', 'unified'].map((name) => join(ROOT, name)).filter(existsSync)
  return beside.length > 0 ? beside : [ROOT]
}

let made = 0

/**
 * The paths of a cgroup for one container, also in these controllers of v1, where they are: two containers
 * in the same one would share their services. What a killed test left behind is removed.
 */
export function ownCgroup(controllers: readonly string[] = []): readonly string[] {
  const roots = [...hierarchies(), ...controllers.map((name) => join(ROOT, name))].filter(
    existsSync,
  )
  for (const root of roots) {
    for (const name of readdirSync(root)) {
      const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1]
      if (pid !== undefined && !existsSync(join('/proc', pid))) removeCgroup([join(root, name)])
    }
  }
  made += 1
  return roots.map((root) => join(root, `${PREFIX}${process.pid}-${made}`))
}

/** Removes cgroups without processes, the innermost first. */
export function removeCgroup(paths: readonly string[]): void {
  for (const path of paths) {
    if (!existsSync(path)) continue
    const entries = readdirSync(path, { withFileTypes: true })
    removeCgroup(entries.filter((each) => each.isDirectory()).map(({ name }) => join(path, name)))
    rmdirSync(path)
  }
}
