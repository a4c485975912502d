import type { EditList } from '../../../sfu-core/contract/edits.ts'
import { applyEdit, type Edit, nameOfStep } from './edits.ts'

/** So many steps can be undone. */
export const UNDO_STEPS_COUNT = 200

/** The list as it is, and the ways back and forth. */
export interface History {
  past: readonly EditList[]
  present: EditList
  future: readonly EditList[]
  /** Of the last step, where more of the same kind belong to it (nameOfStep). */
  stepName: string | null
}

export type HistoryAction =
  | { type: 'edit'; edit: Edit }
  | { type: 'undo' }
  | { type: 'redo' }
  /** A hand was lifted: what comes is another step. */
  | { type: 'pause' }
  /** Somebody else's list takes the place of all this. */
  | { type: 'replace'; edits: EditList }

export function startHistory(edits: EditList): History {
  return { past: [], present: edits, future: [], stepName: null }
}

/** The reducer of the editor, for a take of `lengthMs`. */
export function historyReducer(lengthMs: number): (history: History, action: HistoryAction) => History {
  return (history, action) => {
    switch (action.type) {
      case 'edit':
        return edited(history, action.edit, lengthMs)
      case 'undo':
        return undone(history)
      case 'redo':
        return redone(history)
      case 'pause':
        return history.stepName === null ? history : { ...history, stepName: null }
      case 'replace':
        return startHistory(action.edits)
    }
  }
}

function edited(history: History, edit: Edit, lengthMs: number): History {
  const present = applyEdit(history.present, edit, lengthMs)
  if (present === history.present) return history
  const stepName = nameOfStep(edit)
  const goesOn = stepName !== null && stepName === history.stepName
  const past = goesOn ? history.past : [...history.past, history.present].slice(-UNDO_STEPS_COUNT)
  return { past, present, future: [], stepName }
}

function undone({ past, present, future }: History): History {
  const before = past.at(-1)
  if (before === undefined) return { past, present, future, stepName: null }
  return { past: past.slice(0, -1), present: before, future: [present, ...future], stepName: null }
}

function redone({ past, present, future }: History): History {
  const [next, ...rest] = future
  if (next === undefined) return { past, present, future, stepName: null }
  return { past: [...past, present], present: next, future: rest, stepName: null }
}
