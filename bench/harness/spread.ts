import { type Figure, figure, quantile } from './figure.ts'

/** Which part of the samples a figure of the spread stands for. */
export type Part = 'p50' | 'p95' | 'max'

const SHARES: Readonly<Record<Part, number>> = { p50: 0.5, p95: 0.95, max: 1 }

/** One figure for each part of what was measured; the target belongs to the part that it names. */
export function spread(
  what: { readonly name: string; readonly unit: string },
  targets: Partial<Record<Part, string>>,
  ours: readonly number[],
  peer?: { readonly name: string; readonly values: readonly number[] },
): Figure[] {
  const parts: readonly Part[] = ['p50', 'p95', 'max']
  return parts.map((part) => {
    const share = SHARES[part]
    return figure(
      { name: `${what.name}, ${part}`, unit: what.unit, target: targets[part] ?? null },
      [quantile(ours, share)],
      peer && { name: peer.name, values: [quantile(peer.values, share)] },
    )
  })
}
