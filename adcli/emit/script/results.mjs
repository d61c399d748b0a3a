// What functions that `adcli emit` writes do with their inputs and their results.

import { NDArray, asArray, sameShape, shapeOf } from './arrays.mjs';

/** An input that is an array: lists of numbers, or a Float64Array for a vector. */
export function givenArray(name, given, shape) {
  const value = asArray(ArrayBuffer.isView(given) ? Array.from(given) : given);
  const isArray = value instanceof NDArray && sameShape(shapeOf(value), shape);
  if (!isArray || (shape.length === 2 && given.some((row) => row.length !== shape[1]))) {
    throw new TypeError(`${name} has to be an array of ${shape.join(' × ')} numbers`);
  }
  return value;
}

/** 1 in one place of an array of some sizes, and 0 in all others. */
export function unitArray(shape, place) {
  const data = new Float64Array(shape.reduce((product, size) => product * size, 1));
  if (place >= 0 && place < data.length) data[place] = 1;
  return new NDArray(shape, data);
}

/** The elements of an array, row by row, or a number alone. */
export function elementsOf(value) {
  return typeof value === 'number' ? [value] : Array.from(value.data);
}

/** Whether no number among results is infinite or NaN. */
export function areFinite({ value, gradient = [], hessian = [] }) {
  return [value, gradient, hessian].flat(Infinity).every(Number.isFinite);
}
