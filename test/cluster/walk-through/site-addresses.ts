/** Host names that the commands of the walk-through use. */
export const siteNames = ['google.com', 'helm.cilium.io', 'raw.githubusercontent.com'] as const
/**
 * Addresses of the web server (reserved for documentation). With two addresses of a name,
 * a program sorts them.
 */
export const addresses = ['203.0.113.80', '203.0.113.81'] as const
