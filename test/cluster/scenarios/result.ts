/** What a scenario has measured, by the name of the measure. */
export type Result = Readonly<Record<string, number>>
