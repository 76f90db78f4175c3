/** Processes that live at the same time in the producer's world: each ends after so many others. */
export const livingProcesses = 256
