/** A text that is being edited. */
export interface Draft {
  readonly text: string
  /** The text that it was opened with: without a difference, nothing can be lost. */
  readonly opened: string
  /** Key of the loaded policy that it was opened for; empty for a new one. */
  readonly key: string
}

/** Where a tab of the browser keeps its draft across a reload. */
const place = 'console-draft'

/** The draft of this tab. */
export function storedDraft(): Draft | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(place) ?? '') as Draft
  } catch {
    return undefined
  }
}

/** Keeps a draft for this tab. @param draft undefined: none */
export function storeDraft(draft: Draft | undefined): void {
  if (draft === undefined) sessionStorage.removeItem(place)
  else sessionStorage.setItem(place, JSON.stringify(draft))
}
