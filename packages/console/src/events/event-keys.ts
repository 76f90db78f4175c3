import { type Keys, listKeys, paneKeys } from '../page/keys.ts'

/** Keys of the events, besides those of their list. */
export const ownEventKeys = {
  p: 'pause the list of events, or follow it again',
} as const satisfies Keys

/** All keys of the view. */
export const eventKeys: Keys = { ...listKeys, ...paneKeys, ...ownEventKeys }
