/** Leads from one view to another one. */
export interface Lead {
  /** Opens an event, by its number. */
  toEvent(id: number): void
  /** Shows only the events that match a filter. */
  toEventsMatching(filter: string): void
  /** Opens a process, with what it did. */
  toProcess(execId: string): void
}
