import { z } from 'zod';
import type { EndpointGroup, EndpointShape } from './endpoint.ts';
import { PROBLEM_STATUS, problemSchema } from './problems.ts';

type Json = { [key: string]: unknown };

/** The contract as an OpenAPI 3.1 document. */
export function openApi(groups: Record<string, EndpointGroup>, version: string): Json {
  const paths: Record<string, Json> = {};
  for (const [group, endpoints] of Object.entries(groups)) {
    for (const [name, shape] of Object.entries(endpoints)) {
      const path = shape.path.replace(/:([A-Za-z]+)/g, '{$1}');
      paths[path] ??= {};
      paths[path][shape.method.toLowerCase()] = operation(group, name, shape);
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Yinglian 影联', version, license: { name: 'Apache-2.0' } },
    paths,
    components: {
      schemas: { Problem: jsonSchema(problemSchema, 'output') },
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'better-auth.session_token' },
        key: { type: 'http', scheme: 'bearer' },
      },
    },
  };
}

function operation(group: string, name: string, shape: EndpointShape): Json {
  return {
    operationId: `${group}.${name}`,
    tags: [group],
    summary: shape.summary.en,
    description: `${shape.summary.zh}. Permission: \`${shape.permission}\`.`,
    security: shape.permission === 'public' ? [] : [{ session: [] }, { key: [] }],
    parameters: [
      ...parameters(shape.params, 'path'),
      ...parameters(shape.query, 'query'),
      ...(shape.creates === true
        ? [{ name: 'Idempotency-Key', in: 'header', schema: { type: 'string', maxLength: 100 } }]
        : []),
    ],
    ...requestBody(shape),
    responses: responses(shape),
  };
}

function requestBody(shape: EndpointShape): Json {
  if (shape.bytesIn === true) {
    return { requestBody: { required: true, content: { 'application/octet-stream': {} } } };
  }
  if (shape.body === undefined) return {};
  const schema = jsonSchema(shape.body, 'input');
  return { requestBody: { required: true, content: { 'application/json': { schema } } } };
}

function responses(shape: EndpointShape): Json {
  const answers: Json = {};
  if (shape.bytesOut !== undefined) {
    answers['200'] = { description: 'a file', content: { [shape.bytesOut]: {} } };
  } else if (shape.events !== undefined) {
    const schema = jsonSchema(shape.events, 'output');
    answers['200'] = { description: 'events', content: { 'text/event-stream': { schema } } };
  } else if (shape.result === undefined) {
    answers['204'] = { description: 'done' };
  } else {
    const schema = jsonSchema(shape.result, 'output');
    answers['200'] = { description: 'the answer', content: { 'application/json': { schema } } };
  }
  for (const code of shape.errors ?? []) {
    answers[String(PROBLEM_STATUS[code])] = {
      description: code,
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    };
  }
  return answers;
}

function parameters(schema: EndpointShape['params'], where: 'path' | 'query'): Json[] {
  if (schema === undefined) return [];
  const object = jsonSchema(schema, 'input') as { properties?: Json; required?: string[] };
  return Object.entries(object.properties ?? {}).map(([name, each]) => ({
    name,
    in: where,
    required: where === 'path' || (object.required ?? []).includes(name),
    schema: each,
  }));
}

function jsonSchema(schema: unknown, io: 'input' | 'output'): Json {
  const made = z.toJSONSchema(schema as z.ZodType, { io, unrepresentable: 'any' }) as Json;
  delete made['$schema'];
  return made;
}
