import { GetEventsResponse } from './events/event-table.ts'
import { GetEventsRequest } from './events/filter.ts'
import * as debug from './messages/debug.ts'
import * as rules from './messages/detection-rules.ts'
import * as eventLog from './messages/event-log.ts'
import { GetHealthStatusRequest, GetHealthStatusResponse } from './messages/health.ts'
import * as info from './messages/info.ts'
import * as inspect from './messages/inspect.ts'
import * as policies from './messages/policies.ts'
import * as policyPrograms from './messages/policy-programs.ts'
import { RuntimeHookRequest, RuntimeHookResponse } from './messages/runtime-hook.ts'
import * as sensors from './messages/sensors.ts'
import { service } from './service.ts'

/** The services of the agent. */

export const FineGuidanceSensors = service('tetragon', 'FineGuidanceSensors', {
  GetEvents: { request: GetEventsRequest, response: GetEventsResponse, stream: 'responses' },
  GetHealth: { request: GetHealthStatusRequest, response: GetHealthStatusResponse },
  AddTracingPolicy: {
    request: policies.AddTracingPolicyRequest,
    response: policies.AddTracingPolicyResponse,
  },
  DeleteTracingPolicy: {
    request: policies.DeleteTracingPolicyRequest,
    response: policies.DeleteTracingPolicyResponse,
  },
  ListTracingPolicies: {
    request: policies.ListTracingPoliciesRequest,
    response: policies.ListTracingPoliciesResponse,
  },
  ConfigureTracingPolicy: {
    request: policies.ConfigureTracingPolicyRequest,
    response: policies.ConfigureTracingPolicyResponse,
  },
  EnableTracingPolicy: {
    request: policies.EnableTracingPolicyRequest,
    response: policies.EnableTracingPolicyResponse,
    deprecated: true,
  },
  DisableTracingPolicy: {
    request: policies.DisableTracingPolicyRequest,
    response: policies.DisableTracingPolicyResponse,
    deprecated: true,
  },
  ListSensors: {
    request: sensors.ListSensorsRequest,
    response: sensors.ListSensorsResponse,
    deprecated: true,
  },
  EnableSensor: {
    request: sensors.EnableSensorRequest,
    response: sensors.EnableSensorResponse,
    deprecated: true,
  },
  DisableSensor: {
    request: sensors.DisableSensorRequest,
    response: sensors.DisableSensorResponse,
    deprecated: true,
  },
  RemoveSensor: {
    request: sensors.RemoveSensorRequest,
    response: sensors.RemoveSensorResponse,
    deprecated: true,
  },
  ListDomains: { request: policies.ListDomainsRequest, response: policies.ListDomainsResponse },
  GetVersion: { request: info.GetVersionRequest, response: info.GetVersionResponse },
  GetInfo: { request: info.GetInfoRequest, response: info.GetInfoResponse },
  RuntimeHook: { request: RuntimeHookRequest, response: RuntimeHookResponse },
  GetDebug: { request: debug.GetDebugRequest, response: debug.GetDebugResponse },
  SetDebug: { request: debug.SetDebugRequest, response: debug.SetDebugResponse },
})

export const EventLogService = service('tetragon', 'EventLogService', {
  SetEventLogParams: {
    request: eventLog.SetEventLogParamsRequest,
    response: eventLog.SetEventLogParamsResponse,
  },
  GetEventLogParams: {
    request: eventLog.GetEventLogParamsRequest,
    response: eventLog.GetEventLogParamsResponse,
  },
})

/** Additions to Tetragon's services. */
export const Inspect = service('tetragonts', 'Inspect', {
  /** The texts of the loaded policies. */
  GetPolicies: { request: inspect.GetPoliciesRequest, response: inspect.GetPoliciesResponse },
  /** The annotated kernel programs of a loaded policy, some at a time. */
  GetPolicyPrograms: {
    request: policyPrograms.GetPolicyProgramsRequest,
    response: policyPrograms.GetPolicyProgramsResponse,
  },
  /** The description of the node's kernel, or only which one it is. */
  GetKernel: { request: inspect.GetKernelRequest, response: inspect.GetKernelResponse },
  GetMaps: { request: inspect.GetMapsRequest, response: inspect.GetMapsResponse },
  GetProcessTable: {
    request: inspect.GetProcessTableRequest,
    response: inspect.GetProcessTableResponse,
  },
  GetLosses: { request: inspect.GetLossesRequest, response: inspect.GetLossesResponse },
  /** The workloads that policies select, and the containers of the node. */
  GetWorkloads: { request: inspect.GetWorkloadsRequest, response: inspect.GetWorkloadsResponse },
  /** Statistics of the agent's programs; runs are counted while the stream is open. */
  WatchPrograms: {
    request: inspect.WatchProgramsRequest,
    response: inspect.WatchProgramsResponse,
    stream: 'responses',
  },
  /** Activity of processes; it is counted while the stream is open. */
  WatchActivity: {
    request: inspect.WatchActivityRequest,
    response: inspect.WatchActivityResponse,
    stream: 'responses',
  },
})

/** Detection rules; an addition to Tetragon's services. */
export const DetectionRules = service('tetragonts', 'DetectionRules', {
  AddRules: { request: rules.AddRulesRequest, response: rules.AddRulesResponse },
  DeleteRules: { request: rules.DeleteRulesRequest, response: rules.DeleteRulesResponse },
  ListRules: { request: rules.ListRulesRequest, response: rules.ListRulesResponse },
})
