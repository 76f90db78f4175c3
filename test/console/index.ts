export { FloodingAgent } from './flooding-agent.ts'
export { launchBrowser } from './launch-browser.ts'
export { OpenConsole } from './open-console.ts'
export { originalEvents } from './original-events.ts'
