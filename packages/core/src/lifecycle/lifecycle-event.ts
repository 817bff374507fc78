import type { Urgency, Verdict } from '../contracts/policy.ts'

/** Everything that can move a recycler from one phase to another. */
export type LifecycleEvent =
  | { readonly type: 'start' }
  /** All adapters are started; jobs are taken. */
  | { readonly type: 'ready' }
  /** The start failed, or the job source cannot go on. */
  | {
      readonly type: 'failed'
      /** A start that failed half way has jobs, which are handed back. */
      readonly holdsJobs?: boolean
    }
  | { readonly type: 'verdict'; readonly verdict: Verdict }
  /** The application or the supervisor wants a recycle; no policy is asked. */
  | { readonly type: 'recycle'; readonly urgency: Urgency }
  | { readonly type: 'permitGranted' }
  | { readonly type: 'permitDenied' }
  /** Time to ask for a permit again. */
  | { readonly type: 'permitRetry' }
  | { readonly type: 'stopRequest' }
  /** No fetch is in flight any more. */
  | { readonly type: 'quiesced' }
  /** No job is in flight any more. */
  | { readonly type: 'idle' }
  /** Every lease was handed back, or refused. */
  | { readonly type: 'handedBack' }
  /** Everything is closed. */
  | { readonly type: 'closed' }
  /** The present phase's slice of the budget is used up. */
  | { readonly type: 'sliceEnded' }

/** What the recycler does on a transition. */
export type Effect =
  | 'startAdapters'
  /** Memory is elevated: take fewer jobs. */
  | 'throttle'
  /** Memory is back to normal. */
  | 'unthrottle'
  | 'cancelStart'
  | 'askPermit'
  | 'releasePermit'
  | 'stopFetching'
  | 'awaitIdle'
  | 'abortJobs'
  | 'handBackJobs'
  | 'close'
  | 'end'
