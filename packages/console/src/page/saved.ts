/** Reads a list of texts that the browser keeps for this page; empty if there is none. */
export function readSaved(name: string): string[] {
  try {
    const saved: unknown = JSON.parse(localStorage.getItem(name) ?? '[]')
    return Array.isArray(saved) ? saved.filter((each) => typeof each === 'string') : []
  } catch {
    return []
  }
}

/** Keeps a list of texts in the browser. */
export function save(name: string, texts: readonly string[]): void {
  localStorage.setItem(name, JSON.stringify(texts))
}
