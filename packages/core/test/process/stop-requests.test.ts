import { describe, expect, it } from 'vitest'
import { STOP_SIGNALS, stopRequests } from '../../src/process/stop-requests.ts'

const counts = () => STOP_SIGNALS.map((name) => process.listenerCount(name))

describe('stopRequests', () => {
  it('installs nothing before it is listened to, and nothing stays afterwards', () => {
    const before = counts()
    const listen = stopRequests()
    expect(counts()).toEqual(before)
    const uninstall = listen(() => {})
    expect(counts()).toEqual(before.map((count) => count + 1))
    uninstall()
    uninstall()
    expect(counts()).toEqual(before)
  })

  it('tells which request came, for the signals that were named', () => {
    const heard: string[] = []
    const uninstall = stopRequests(['SIGUSR2'])((name) => heard.push(name))
    process.emit('SIGUSR2', 'SIGUSR2')
    uninstall()
    expect(heard).toEqual(['SIGUSR2'])
  })

  it('keeps two listeners apart', () => {
    const heard: number[] = []
    const listen = stopRequests(['SIGUSR2'])
    const [first, second] = [listen(() => heard.push(1)), listen(() => heard.push(2))]
    first()
    process.emit('SIGUSR2', 'SIGUSR2')
    second()
    expect(heard).toEqual([2])
  })
})
