// Owns /openapi.json, /docs and /redoc: the unauthenticated list of a dialect's routes; refuses to list what is not answered.
import { DIALECTS, type Dialect } from '../config.ts';
import type { ParameterSpec } from '../parameters.ts';
import { jsonReply, textReply, type Reply } from '../reply.ts';
import type { Route } from '../router.ts';

/** The three routes, over a route table that is complete only after this module is loaded: hence the function. */
export function documentationRoutes(routesOf: (dialect: Dialect) => readonly Route[]): readonly Route[] {
  const page = (name: string): Reply =>
    textReply(200, `<!DOCTYPE html><html><head><title>Core API - ${name}</title></head><body><a href="/openapi.json">openapi.json</a></body></html>`, { 'content-type': 'text/html; charset=utf-8' });
  const base = { method: 'GET', dialects: DIALECTS, isInSchema: false, access: 'public', parameters: [] } as const;
  return [
    { ...base, path: '/openapi.json', summary: 'OpenAPI', handle: ({ config }) => jsonReply(200, openApiDocument(routesOf(config.dialect))) },
    { ...base, path: '/docs', summary: 'Swagger UI', handle: () => page('Swagger UI') },
    { ...base, path: '/redoc', summary: 'ReDoc', handle: () => page('ReDoc') },
  ];
}

function openApiDocument(routes: readonly Route[]): unknown {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    if (route.isInSchema) paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'autonomous-engineering-platform - Core API', version: '0.1.0' },
    paths,
    components: { securitySchemes: { HTTPBearer: { type: 'http', scheme: 'bearer' } } },
  };
}

function operation(route: Route): unknown {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'integer' } }));
  return {
    summary: route.summary,
    ...(route.access === 'public' ? {} : { security: [{ HTTPBearer: [] }] }),
    parameters: [...inPath, ...route.parameters.map((spec) => ({ name: spec.name, in: 'query', required: false, schema: schemaOf(spec) }))],
    responses: { 200: { description: 'Successful Response' } },
  };
}

function schemaOf(spec: ParameterSpec): unknown {
  const nullable = (type: object): object => ({ anyOf: [type, { type: 'null' }] });
  switch (spec.kind) {
    case 'integer': {
      const range = { type: 'integer', minimum: spec.minimum, maximum: spec.maximum };
      return spec.default === null ? nullable(range) : { ...range, default: spec.default };
    }
    case 'boolean':
      return { type: 'boolean', default: spec.default };
    case 'string': {
      const text = { type: 'string', ...(spec.pattern === undefined ? {} : { pattern: spec.pattern }), ...(spec.maxLength === undefined ? {} : { maxLength: spec.maxLength }) };
      return spec.default === undefined ? nullable(text) : { ...text, default: spec.default };
    }
  }
}
