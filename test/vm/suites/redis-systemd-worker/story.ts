import type { Context } from '../../guest/context.ts'
import type { Check } from '../../suite.ts'
import { type Example, example } from './example.ts'
import { toldOnce } from './told-once.ts'

/** A chapter of one story: what it starts goes on in the next check, and its journal is told where it fails. */
export function chapter(
  name: string,
  limitMs: number,
  tell: (context: Context, parts: Example) => Promise<string>,
): Check {
  return {
    name,
    when: toldOnce,
    limitMs,
    run: async (context) => {
      try {
        return await tell(context, example(context))
      } catch (error) {
        // The units are not the check's own: they would end with it.
        process.stdout.write(await journalTail(context))
        throw error
      }
    },
  }
}

const journalTail = ({ run }: Context): Promise<string> =>
  run('journalctl', ['--no-pager', '--lines=150', '-ujob-worker@*']).catch(String)
