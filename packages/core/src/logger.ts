/** One level of a logger: fields first, then the message, as pino has it. */
export type LogMethod = (fields: object, message: string) => void

/** The part of pino's logger that the SDK uses. A pino instance fits as it is. */
export interface Logger {
  readonly debug: LogMethod
  readonly info: LogMethod
  readonly warn: LogMethod
  readonly error: LogMethod
}

const ignore: LogMethod = () => {}

/** Says nothing: the default. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }
