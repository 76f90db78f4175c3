const ENOTSUPP = 524
const EOPNOTSUPP = 95
const EINVAL = 22

/** Whether an error number says that a map's type lacks an operation. */
export function lacksOperation(errno: number): boolean {
  return errno === ENOTSUPP || errno === EOPNOTSUPP || errno === EINVAL
}
