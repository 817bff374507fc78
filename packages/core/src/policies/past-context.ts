import type { PolicyContext } from '../contracts/policy.ts'

/**
 * What a policy would have known at an earlier reading: the history ends there, and times are
 * counted back to it. What is not recorded (`elevated`, `latest`, the jobs) stays as it is now.
 */
export function pastContext(context: PolicyContext, index: number): PolicyContext {
  const { history } = context
  const last = history.length - 1
  if (index >= last) return context
  const agoMs = (history[last]?.atMs ?? 0) - (history[index]?.atMs ?? 0)
  return {
    ...context,
    history: history.slice(0, index + 1),
    uptimeMs: Math.max(0, context.uptimeMs - agoMs),
    wantedForMs: Math.max(0, context.wantedForMs - agoMs),
    epochMs: context.epochMs - agoMs,
  }
}
