/** Why a worker leaves: `recycle` wants a successor, `stop` does not, `failure` is neither's wish. */
export type Leaving = 'recycle' | 'stop' | 'failure'
