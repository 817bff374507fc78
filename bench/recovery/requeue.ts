import type { RedisServer } from '../../test/redis/redis-server.ts'

/**
 * Waits until a job lies in an empty list, and takes none: a blocked move of the list into itself is
 * served by the very push. Resolves, at first, once it is blocked, with the promise of that moment.
 */
export async function watchRequeue(
  server: RedisServer,
  list: string,
): Promise<{ readonly requeuedAtMs: Promise<number> }> {
  const [watcher, witness] = await Promise.all([server.raw(), server.raw()])
  const id = await watcher.command('CLIENT', 'ID')
  const requeuedAtMs = watcher.command('BLMOVE', list, list, 'RIGHT', 'RIGHT', 0).then(async () => {
    const atMs = performance.now()
    await watcher.close()
    return atMs
  })
  // `b` among the flags: it waits in a blocking command.
  while (!/ flags=\S*b/.test(String(await witness.text('CLIENT', 'LIST', 'ID', String(id)))));
  await witness.close()
  return { requeuedAtMs }
}
