/** Files of user space, and the places in them that hooks are about. */
export { mappedInode, mappedInodeProgram } from './mapped-inode.ts'
export {
  type OverrideAction,
  type OverridePlan,
  planOverride,
  type RedirectTarget,
} from './override-plan.ts'
export { cookieParts, Redirects, redirectRows } from './redirects.ts'
export { uprobeLocators } from './uprobe-locators.ts'
export { layOut, setSize, type UsdtLayout } from './usdt-layouts.ts'
export { layoutsMax, usdtLocator } from './usdt-locator.ts'
export { operandAddress, readOperands } from './usdt-operands.ts'
export type { UserFile } from './user-file.ts'
export {
  checkDigest,
  checkReturns,
  hasDigest,
  type Locator,
  type ProbeSite,
  type ProbeSites,
  type UserProbes,
  userProbes,
  WrongDigest,
} from './user-probes.ts'
export { loadUserTypes, userTypes } from './user-types.ts'
