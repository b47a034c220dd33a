import { type Problem, PROBLEM_STATUS, type ProblemCode } from '@yinglian/contract';
import { type Finding, finding } from '@yinglian/core';
import { Refusal } from '../refusal.ts';
import { jsonText } from '../write.ts';

/** Short titles for people who read the raw answer; faces word problems by their code. */
const TITLES: Record<ProblemCode, string> = {
  not_signed_in: 'Sign in first · 请先登录',
  not_allowed: 'This is not allowed · 没有权限',
  not_found: 'There is no such thing here · 未找到',
  conflict: 'The state of things forbids it · 与当前状态冲突',
  reused_idempotency_key: 'The key was used for another request · 幂等键已用于其他请求',
  too_large: 'It is too large · 内容过大',
  invalid: 'It cannot be accepted as sent · 内容有误',
  too_many: 'Too many requests · 请求过于频繁',
  unexpected: 'The server failed · 服务器出错',
  unavailable: 'Not available now · 暂不可用',
};

/** The problem document of a refusal (RFC 9457). */
export function problemOf(refusal: Refusal, requestId: string): Problem {
  return {
    type: `/problems/${refusal.code}`,
    title: TITLES[refusal.code],
    status: PROBLEM_STATUS[refusal.code],
    code: refusal.code,
    requestId,
    findings: refusal.findings.map(wireFinding),
    ...(refusal.stored === undefined ? {} : { stored: refusal.stored }),
    ...(refusal.sent === undefined ? {} : { sent: refusal.sent }),
  };
}

export function problemResponse(problem: Problem, headers: HeadersInit = {}): Response {
  const response = new Response(jsonText(problem), { status: problem.status, headers });
  response.headers.set('content-type', 'application/problem+json; charset=utf-8');
  response.headers.set('cache-control', 'no-store');
  return response;
}

/** A finding as the contract sends it: plain, unfrozen copies. */
export function wireFinding(each: Finding) {
  return {
    code: each.code,
    severity: each.severity,
    facts: Object.fromEntries(
      Object.entries(each.facts).map(([name, value]) => [
        name,
        Array.isArray(value) ? [...(value as readonly string[])] : value,
      ]),
    ) as Record<string, string | number | boolean | string[] | null>,
    at: { ...each.at },
    ...(each.clause === undefined ? {} : { clause: each.clause }),
  };
}

type Issue = {
  readonly code?: string | undefined;
  readonly path?: readonly PropertyKey[] | undefined;
  readonly [fact: string]: unknown;
};

const ISSUES_MAX = 100;

/** zod's issues as findings: the code with its facts, never zod's sentence. */
export function invalidInput(part: string, issues: readonly Issue[]): Refusal {
  const findings = issues.slice(0, ISSUES_MAX).map((issue) => {
    const facts: Record<string, string | number | boolean> = {};
    for (const name of ['expected', 'format', 'origin', 'minimum', 'maximum', 'inclusive']) {
      const value = issue[name];
      if (typeof value === 'bigint') facts[name] = String(value);
      else if (['string', 'number', 'boolean'].includes(typeof value)) {
        facts[name] = value as string | number | boolean;
      }
    }
    const at = { part, field: (issue.path ?? []).map(String).join('.') };
    return finding(issueCode(issue.code ?? 'custom'), 'error', { facts, at });
  });
  return new Refusal('invalid', { findings });
}

/** From zod's vocabulary to ours, which is `adjective_noun`. */
function issueCode(code: string): string {
  const codes: Record<string, string> = {
    invalid_type: 'invalid_type',
    too_big: 'excessive_value',
    too_small: 'insufficient_value',
    invalid_format: 'invalid_format',
    unrecognized_keys: 'unexpected_field',
    invalid_value: 'invalid_choice',
    invalid_union: 'invalid_choice',
    not_multiple_of: 'invalid_multiple',
  };
  return codes[code] ?? 'invalid_value';
}
