// Listeners of HTTP.

export { HttpListener, type ListenOptions, scraperLimits } from './http-listener.ts'
export { type Answer, type PathOptions, type Paths, servePaths } from './serve-paths.ts'
