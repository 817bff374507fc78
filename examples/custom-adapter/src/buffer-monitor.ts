import { CONTRACT, type Monitor, sleep } from '@worker-recycler/core'

/** How buffers are watched. */
export interface BufferMonitorOptions {
  /** What all buffers of this process together may use, in bytes. */
  readonly limitBytes: number
  /** Defaults to 1 s. */
  readonly intervalMs?: number
}

/** Watches the memory of buffers, which lies outside of V8's heap. */
export function bufferMonitor(options: BufferMonitorOptions): Monitor {
  const { limitBytes, intervalMs = 1000 } = options
  const monitor = 'buffers'
  return {
    kind: 'monitor',
    name: monitor,
    contract: CONTRACT,
    supports: { outOfLoop: false, excludesPageCache: true },
    async *watch({ signal, clock }) {
      while (!signal.aborted) {
        const usedBytes = process.memoryUsage().arrayBuffers
        yield { monitor, metric: 'node.buffers', atMs: clock.nowMs(), usedBytes, limitBytes }
        await sleep(intervalMs, clock, signal)
      }
    },
  }
}
