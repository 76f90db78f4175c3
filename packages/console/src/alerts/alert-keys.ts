import { type Keys, listKeys } from '../page/keys.ts'

/** Keys of alerts, besides those of their list. */
export const ownAlertKeys = { Enter: 'open the latest event of the alert' } as const satisfies Keys

/** All keys of the view. */
export const alertKeys: Keys = { ...listKeys, ...ownAlertKeys }
