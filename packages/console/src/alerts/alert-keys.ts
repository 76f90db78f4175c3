import { type Keys, listKeys, paneKeys } from '../page/keys.ts'

/** Keys of the alerts, besides those of their list and pane. */
export const ownAlertKeys = { s: 'mark the alert as seen' } as const satisfies Keys

/** All keys of the view. */
export const alertKeys: Keys = { ...listKeys, ...paneKeys, ...ownAlertKeys }
