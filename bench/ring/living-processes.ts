/** Number of live processes of the producer: each ends after that many others. */
export const livingProcesses = 256
