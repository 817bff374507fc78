import type { UnitEffect } from '../host/effects.ts'
import type { FindingInput } from './finding-input.ts'
import type { Found } from './found.ts'

/** Findings on units that cannot run. */
export function unitFindings({ effects, request }: FindingInput): readonly Found[] {
  return effects.flatMap(({ resolution }): Found[] => {
    const { loadState, fragment } = resolution
    switch (loadState) {
      case 'loaded':
        return []
      case 'not-found':
        return [notFound(request.target, effects)]
      case 'masked':
        return [
          warning(
            'unit_masked',
            `${request.target} is masked by ${fragment}: nothing starts it. systemctl unmask it first`,
          ),
        ]
      case 'error':
        return [
          warning(
            'unit_broken',
            `${fragment} cannot be read to its end: systemd does not load ${request.target}. Look at it with systemd-analyze verify`,
          ),
        ]
    }
  })
}

/** Who has mistyped a name may find the right one among those that are there. */
function notFound(target: string, effects: readonly UnitEffect[]): Found {
  const known = effects.filter(({ facts }) => facts?.isActive).map(({ unit }) => unit)
  const running = known.length === 0 ? '' : ` (running: ${known.join(', ')})`
  return warning(
    'unit_not_found',
    `${target} is not there (yet)${running}: what is written waits for it. Check the name`,
  )
}

const warning = (code: string, message: string): Found => ({ level: 'warning', code, message })
