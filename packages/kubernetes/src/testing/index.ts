export { FakeApiServer, type Misbehaviour } from './fake-api-server.ts'
export type { FakeObject, FakeRequest } from './fake-request.ts'
