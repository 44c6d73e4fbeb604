// Answers cases of `ecs-why iam eval` with @cloud-copilot/iam-simulate: `node theirs.mjs FOLDER < cases > answers`.
// FOLDER is where npm installed it. Uses `runSimulation` alone, as a black box: `runUnsafeSimulation` fails on most cases
// that have a resource policy. One JSON line a case: {"decision", "rejected": <why its answer does not count> | null}.

import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const require = createRequire(pathToFileURL(join(process.argv[2], 'package.json')))
const { anonymousPrincipal, runSimulation } = require('@cloud-copilot/iam-simulate')

const DECISIONS = {
  Allowed: 'allowed',
  ExplicitlyDenied: 'explicitly_denied',
  ImplicitlyDenied: 'implicitly_denied'
}

const named = (policies) => (policies ?? []).map((policy, at) => ({ name: `policy-${at}`, policy }))
const levels = (lists) =>
  (lists ?? []).map((policies, at) => ({ orgIdentifier: `level-${at}`, policies: named(policies) }))

function contextVariables({ context = {}, multivalued = [] }) {
  const lists = new Set(multivalued.map((key) => key.toLowerCase()))
  const single = ([key, values]) => !lists.has(key.toLowerCase()) && values.length === 1
  return Object.fromEntries(Object.entries(context).map((e) => [e[0], single(e) ? e[1][0] : e[1]]))
}

function simulation(given) {
  const { request } = given
  const { principal, action, resource, resource_account: accountId } = request
  return {
    request: {
      principal: principal === 'anonymous' ? anonymousPrincipal : principal,
      action,
      resource: { resource, accountId },
      contextVariables: contextVariables(request)
    },
    identityPolicies: named(given.identity_policies),
    permissionBoundaryPolicies: given.permission_boundary_policies ? named(given.permission_boundary_policies) : undefined,
    sessionPolicy: given.session_policy ?? undefined,
    resourcePolicy: given.resource_policy ?? undefined,
    vpcEndpointPolicies: given.endpoint_policies ? named(given.endpoint_policies) : undefined,
    serviceControlPolicies: levels(given.scps),
    resourceControlPolicies: levels(given.rcps)
  }
}

async function answer(given) {
  try {
    const results = await runSimulation(simulation(given), {})
    if (results.resultType === 'error') return { decision: 'error', rejected: refusal(results.errors) }
    return { decision: DECISIONS[results.overallResult], rejected: ignored(results) }
  } catch (error) {
    return { decision: 'error', rejected: `throws: ${error.message}` }
  }
}

// Keys that it leaves out make it answer another question.
function ignored(results) {
  const keys = results.result?.ignoredContextKeys ?? []
  return keys.length ? `ignores ${keys.sort().join(' ')}` : null
}

function refusal({ message, ...kinds }) {
  const first = JSON.stringify(kinds).match(/"message":"([^"]*)"/)
  return [message, Object.keys(kinds).join(' '), first?.[1]].filter(Boolean).join(': ')
}

for await (const line of createInterface({ input: process.stdin })) {
  const given = JSON.parse(line)
  process.stdout.write(`${JSON.stringify(await answer(given))}\n`)
}
