import type { Reply } from '../driver/driver.ts'
import { errorWord } from '../driver/storage-error.ts'
import type { Acknowledgement, Acknowledgements } from './acknowledgements.ts'

/**
 * Tells each acknowledgement what the server answered; those that it refused for now are to be sent
 * again. Gives the first such refusal, and whether this worker was declared dead.
 */
export function settleReplies(
  acknowledgements: Acknowledgements,
  acks: readonly Acknowledgement[],
  replies: readonly Reply[],
): { readonly fenced: boolean; readonly refusal?: Error } {
  const open: Acknowledgement[] = []
  let fenced = false
  let refusal: Error | undefined
  acks.forEach((ack, index) => {
    const reply = replies[index] ?? null
    if (typeof reply === 'number') {
      // Not there any more, after a try whose answer was lost: that one did it.
      acknowledgements.settle(ack, reply > 0 || ack.tried ? 'moved' : 'lost')
    } else if (errorWord(reply) === 'WRONGTYPE') {
      fenced = true
      acknowledgements.settle(ack, 'fenced')
    } else {
      refusal ??= reply instanceof Error ? reply : new Error('The server gave no reply')
      open.push(ack)
    }
  })
  acknowledgements.again(open)
  return { fenced, ...(refusal && { refusal }) }
}
