import type { TestRunner } from '@worker-recycler/core/testing'

/** What a suite registers, without a test runner. */
export interface Collected {
  readonly rules: readonly { readonly title: string; readonly run: () => Promise<void> }[]
  readonly skipped: readonly string[]
}

/** Lets a suite register its rules, and runs none of them. */
export function collect(register: (runner: TestRunner) => void): Collected {
  const rules: { title: string; run: () => Promise<void> }[] = []
  const skipped: string[] = []
  const it = (title: string, run: () => Promise<void>) => void rules.push({ title, run })
  register({
    describe: (_name, body) => body(),
    it: Object.assign(it, { skip: (title: string) => void skipped.push(title) }),
  })
  return { rules, skipped }
}

/** Runs each rule in a suite of its own, all at once; gives the titles of those that failed. */
export async function failures(register: (runner: TestRunner) => void): Promise<readonly string[]> {
  const titles = collect(register).rules.map(({ title }) => title)
  const ends = await Promise.allSettled(
    titles.map(async (_, index) => collect(register).rules[index]?.run()),
  )
  return titles.filter((_, index) => ends[index]?.status === 'rejected')
}
