/** Longest value of matchCmdArgs, in bytes: the kernel side compares this much of an argument. */
export const commandValueMax = 4092
