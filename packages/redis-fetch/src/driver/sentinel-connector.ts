import { type Redis, SentinelConnector } from 'ioredis'

type SentinelOptions = ConstructorParameters<typeof SentinelConnector>[0]

/**
 * The connector of ioredis, whose connections to sentinels are quiet: it listens to none of their errors,
 * and errors that nobody listens to it writes to the console. A sentinel that is away is no fault, as
 * long as another one is there; when all are, the connection itself tells.
 */
export class QuietSentinelConnector extends SentinelConnector {
  // What ioredis gives to a connector is of no type.
  constructor(options: unknown) {
    super(options as SentinelOptions)
    const own = this as unknown as { connectToSentinel?: (...args: unknown[]) => Redis }
    const connect = own.connectToSentinel?.bind(this)
    if (!connect) return
    own.connectToSentinel = (...args) => connect(...args).on('error', () => {})
  }
}
