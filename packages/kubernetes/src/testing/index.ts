export { FakeApiServer, type FakeObject } from './fake-api-server.ts'
