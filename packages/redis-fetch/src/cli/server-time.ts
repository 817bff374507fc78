import { buffersOf, type Driver, numberOf, replyOf } from '../driver/driver.ts'

/** The server's clock, in epoch milliseconds. */
export async function readServerTime(driver: Pick<Driver, 'send'>): Promise<number> {
  const [seconds, micros] = buffersOf(replyOf(await driver.send([['TIME']])))
  return numberOf(seconds) * 1000 + Math.floor(numberOf(micros) / 1000)
}
