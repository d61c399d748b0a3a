// Arrays: vectors and matrices of numbers, and the operations on them, as the Python kernels have them.

import { numberText, pairwiseSum } from './numbers.mjs';
import {
  largestSize, matrixCholesky, matrixEigen, matrixLu, matrixOfOnes, matrixProduct, matrixQr, matrixSingular,
  matrixSolved, matrixTranspose, matrixTriangleSolved, scaleOf,
} from './matrices.mjs';

/** A vector or a matrix; the elements of a matrix stand row by row. No operation writes to one that it is given. */
export class NDArray {
  constructor(shape, data) {
    this.shape = shape;
    this.data = data;
  }
}

/** What an operation on arrays cannot do, and why; `remedy` says what would help. */
export class Refused extends Error {
  constructor(message, code = 'shape', remedy = '') {
    super(message);
    this.code = code;
    this.remedy = remedy;
  }
}

/** The sizes of an array; none of a number. */
export function shapeOf(value) {
  return typeof value === 'number' ? [] : value.shape;
}

/** A number as it is, a list of numbers as a vector, a list of lists as a matrix. */
export function asArray(nested) {
  if (!Array.isArray(nested)) return nested;
  if (!Array.isArray(nested[0])) return new NDArray([nested.length], Float64Array.from(nested));
  return new NDArray([nested.length, nested[0].length], Float64Array.from(nested.flat()));
}

/** The other way round: a number, a list, or a list of lists. */
export function asNested(value) {
  if (typeof value === 'number') return value;
  const { shape: [rows, columns], data } = value;
  if (columns === undefined) return Array.from(data);
  return Array.from({ length: rows }, (_, row) => Array.from(data.subarray(row * columns, (row + 1) * columns)));
}

/** Whether a number, or every element of an array, is neither infinite nor NaN. */
export function allFinite(value) {
  return typeof value === 'number' ? Number.isFinite(value) : value.data.every(Number.isFinite);
}

// Shapes

const sizeOfShape = (shape) => shape.reduce((product, size) => product * size, 1);
export const sameShape = (one, other) => one.length === other.length && one.every((size, place) => size === other[place]);

/** `a number`, `a vector of 3`, `a 2 × 3 matrix`. */
export function shapeText(shape) {
  if (!shape.length) return 'a number';
  return shape.length === 1 ? `a vector of ${shape[0]}` : `a ${shape.join(' × ')} matrix`;
}

/** `a number and a vector of 3`. */
function shapesListed(shapes) {
  const texts = shapes.map(shapeText);
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} and ${texts[texts.length - 1]}`;
}

/** The shape of an operation element by element: sizes agree from the last backward, or are 1 and repeated. */
function broadcastShape(shapes) {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, place) => {
    const sizes = shapes.map((shape) => shape[place - rank + shape.length] ?? 1).filter((size) => size !== 1);
    if (sizes.some((size) => size !== sizes[0])) {
      throw new Refused(`${shapesListed(shapes.filter((shape) => shape.length))} do not fit together`);
    }
    return sizes[0] ?? 1;
  });
}

/** Refuse what cannot be put into a part of an array. */
function refuseUnlessFits(given, room) {
  const more = room.length - given.length;
  if (more < 0 || given.some((size, place) => size !== 1 && size !== room[more + place])) {
    throw new Refused(`${shapeText(given)} does not fit into ${shapeText(room)}`);
  }
}

function arrayShape(name, value) {
  const shape = shapeOf(value);
  if (!shape.length) throw new Refused(`\`${name}\` takes a vector or a matrix, and is given a number`);
  return shape;
}

/** The size of a vector, for what takes no matrix where it is not told an axis. */
function vectorSize(name, value) {
  const shape = shapeOf(value);
  if (shape.length !== 1) {
    const remedy = shape.length === 2 ? `say along which axis: \`${name}(A, axis = 0)\`` : '';
    throw new Refused(`\`${name}\` takes a vector, and is given ${shapeText(shape)}`, 'shape', remedy);
  }
  return shape[0];
}

/** The size of a vector that stands for something. */
function vectorFor(name, value, what) {
  const shape = shapeOf(value);
  if (shape.length !== 1) {
    throw new Refused(`\`${name}\` takes a vector as ${what}, and is given ${shapeText(shape)}`);
  }
  return shape[0];
}

function matrixShape(name, value) {
  const shape = shapeOf(value);
  if (shape.length !== 2) throw new Refused(`\`${name}\` takes a matrix, and is given ${shapeText(shape)}`);
  return shape;
}

/** The size of a square matrix. */
function squareSize(name, value) {
  const [rows, columns] = matrixShape(name, value);
  if (rows !== columns) {
    throw new Refused(`\`${name}\` takes a square matrix, and is given ${shapeText([rows, columns])}`);
  }
  return rows;
}

function refuseUnlessAlike(name, a, b) {
  if (!sameShape(shapeOf(a), shapeOf(b))) {
    const given = shapesListed([shapeOf(a), shapeOf(b)]);
    throw new Refused(`\`${name}\` needs two arrays of one shape, and is given ${given}`);
  }
}

const NO_AXIS = 1e9; // in the place of an axis that is no whole number

/** An axis counted from the first. */
function axisPlace(name, axis, shape) {
  if (axis === NO_AXIS) {
    throw new Refused('an axis is a whole number', 'shape', '0 goes over the rows, 1 over the columns');
  }
  if (!(axis >= -shape.length && axis < shape.length)) {
    throw new Refused(`\`${name}\` cannot go along axis ${axis} of ${shapeText(shape)}`);
  }
  return axis < 0 ? axis + shape.length : axis;
}

/** A size that is given as a number: whole, and not negative. */
function sizeValue(name, value, least = 0) {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > 2 ** 53) {
    const given = typeof value === 'number' ? numberText(value) : shapeText(value.shape);
    throw new Refused(`\`${name}\` takes a whole number from ${least} as a size, and is given ${given}`);
  }
  return value;
}

const MOST_ELEMENTS = 2 ** 24; // of one array on a page

/** The shape, if there is room for an array of it. */
function roomFor(name, shape) {
  const count = sizeOfShape(shape);
  if (count > MOST_ELEMENTS) {
    const asked = count.toLocaleString('en-US');
    throw new Refused(`\`${name}\` is asked for ${asked} elements, for which there is no room`, 'too-large');
  }
  return shape;
}

function emptyArray(shape) {
  return new NDArray(shape, new Float64Array(sizeOfShape(shape)));
}

/** An array whose element at a row and a column, or at a place of a vector, a function gives. */
function arrayOf(shape, element) {
  const result = emptyArray(shape);
  const columns = shape.length === 2 ? shape[1] : result.data.length;
  for (let place = 0; place < result.data.length; place += 1) {
    const column = place % columns;
    result.data[place] = shape.length === 2 ? element((place - column) / columns, column) : element(column, 0);
  }
  return result;
}

/** A number for what has no dimension. */
function valueOfShape(shape, data) {
  return shape.length ? new NDArray(shape, data) : data[0];
}

/** Rows and columns of what is taken for a matrix: a vector for one row, a number for one element. */
function asRows(value) {
  const shape = shapeOf(value);
  const [rows, columns] = [1, 1, ...shape].slice(-2);
  return { rows, columns, data: typeof value === 'number' ? Float64Array.of(value) : value.data };
}

// Element by element

/** The value of a function of numbers for each element; what is smaller is repeated. */
export function eachElement(fn, ...operands) {
  if (operands.every((operand) => typeof operand === 'number')) return fn(...operands);
  const shapes = operands.map(shapeOf).filter((own) => own.length);
  const shape = shapes.every((own) => sameShape(own, shapes[0])) ? shapes[0] : broadcastShape(shapes);
  const result = emptyArray(shape);
  const { data } = result;
  const parts = operands.map((operand) => (typeof operand === 'number' ? operand : repeatedData(operand, shape)));
  const [a, b] = parts;
  if (parts.length === 1) {
    for (let place = 0; place < data.length; place += 1) data[place] = fn(a[place]);
  } else if (parts.length === 2) {
    if (typeof a === 'number') for (let place = 0; place < data.length; place += 1) data[place] = fn(a, b[place]);
    else if (typeof b === 'number') for (let place = 0; place < data.length; place += 1) data[place] = fn(a[place], b);
    else for (let place = 0; place < data.length; place += 1) data[place] = fn(a[place], b[place]);
  } else {
    const given = parts.map((part) => (typeof part === 'number' ? part : 0));
    for (let place = 0; place < data.length; place += 1) {
      for (let rank = 0; rank < parts.length; rank += 1) {
        if (typeof parts[rank] !== 'number') given[rank] = parts[rank][place];
      }
      data[place] = fn(...given);
    }
  }
  return result;
}

/** The elements of a value, repeated to a shape that it fits. */
function repeatedData(value, shape) {
  if (sameShape(shapeOf(value), shape)) return value.data;
  const own = asRows(value);
  const room = [1, ...shape].slice(-2);
  const result = new Float64Array(room[0] * room[1]);
  for (let row = 0; row < room[0]; row += 1) {
    for (let column = 0; column < room[1]; column += 1) {
      const place = (own.rows === 1 ? 0 : row) * own.columns + (own.columns === 1 ? 0 : column);
      result[row * room[1] + column] = own.data[place];
    }
  }
  return result;
}

/** a + b. */
export function added(a, b) {
  return eachElement((x, y) => x + y, a, b);
}

/** A value, summed over what was repeated of a shape, or repeated to it. */
export function fitted(value, shape) {
  const own = shapeOf(value);
  if (sameShape(own, shape)) return value;
  if (sameShape(broadcastShape([own, shape]), shape)) return new NDArray(shape, repeatedData(value, shape));
  if (!shape.length) return pairwiseSum(value.data);
  const more = own.length - shape.length;
  const axes = own.map((_, axis) => axis < more || (shape[axis - more] === 1 && own[axis] !== 1));
  const { rows, columns } = asRows(value);
  const [overRows, overColumns] = own.length === 1 ? [false, axes[0]] : axes;
  if (overRows && overColumns) return new NDArray(shape, Float64Array.of(pairwiseSum(value.data)));
  const lines = overColumns ? linesOf([rows, columns], 1) : linesOf([rows, columns], 0);
  return new NDArray(shape, Float64Array.from(lines.starts, (start) => lineSum(value.data, start, lines)));
}

// Along all elements, or along an axis

/** The lines of an array that an operation goes along: all elements as one, or those along an axis. */
function linesOf(shape, axis) {
  if (axis === undefined || axis === null) return { starts: [0], stride: 1, count: sizeOfShape(shape), rest: [] };
  if (shape.length === 1) return { starts: [0], stride: 1, count: shape[0], rest: [] };
  const [rows, columns] = shape;
  const across = axis === 0 ? columns : rows;
  const starts = Array.from({ length: across }, (_, line) => (axis === 0 ? line : line * columns));
  return { starts, stride: axis === 0 ? columns : 1, count: axis === 0 ? rows : columns, rest: [across] };
}

/** The lines of a value for an operation that has a name. */
function namedLines(name, a, axis) {
  const shape = arrayShape(name, a);
  return linesOf(shape, axis === undefined || axis === null ? axis : axisPlace(name, axis, shape));
}

function lineElements(data, start, { count, stride }) {
  if (stride === 1) return data.slice(start, start + count);
  const line = new Float64Array(count);
  for (let place = 0; place < count; place += 1) line[place] = data[start + place * stride];
  return line;
}

/** The sum of a line. Down the columns it is that of the rows, one after the other, as NumPy adds them. */
function lineSum(data, start, { count, stride }) {
  if (stride === 1) return pairwiseSum(data, start, count);
  let total = 0;
  for (let place = 0; place < count; place += 1) total += data[start + place * stride];
  return total;
}

/** An operation that makes one number of each line: a function of its elements. */
function reducing(name, ofLine, emptyHasValue = false) {
  return (a, axis) => {
    const lines = namedLines(name, a, axis);
    if (!emptyHasValue && !a.data.length) throw new Refused(`\`${name}\` of an empty array has no value`);
    const results = lines.starts.map((start) => ofLine(lineElements(a.data, start, lines)));
    return valueOfShape(lines.rest, Float64Array.from(results));
  };
}

/** An operation that makes as many numbers of each line: a function of its elements, and of those of others. */
function alongLines(name, ofLine, defaultAxis = undefined) {
  return (...operands) => {
    const count = ofLine.length;
    const [a, b] = operands;
    const axis = operands[count] ?? defaultAxis;
    if (count === 2) refuseUnlessAlike(name, a, b);
    const lines = namedLines(name, a, axis);
    const result = emptyArray(a.shape);
    for (const start of lines.starts) {
      const given = operands.slice(0, count).map((operand) => lineElements(operand.data, start, lines));
      ofLine(...given).forEach((element, place) => {
        result.data[start + place * lines.stride] = element;
      });
    }
    return result;
  };
}

function arrayTotal(a, axis) {
  const lines = namedLines('sum', a, axis);
  return valueOfShape(lines.rest, Float64Array.from(lines.starts, (start) => lineSum(a.data, start, lines)));
}

function arrayMean(a, axis) {
  const lines = namedLines('mean', a, axis);
  if (!a.data.length) throw new Refused('`mean` of an empty array has no value');
  const means = Float64Array.from(lines.starts, (start) => lineSum(a.data, start, lines) / lines.count);
  return valueOfShape(lines.rest, means);
}

/** The place of the largest element of a line, the first of a tie; of NaN where there is one. */
function placeOfLargest(line, sign = 1) {
  let found = 0;
  for (let place = 0; place < line.length; place += 1) {
    if (line[place] !== line[place]) return place;
    if (sign * line[place] > sign * line[found]) found = place;
  }
  return found;
}

/** The length of a vector, without overflow; of a matrix the root of the sum of its squares. */
function lineLength(line) {
  const scale = scaleOf(largestSize(line));
  return Math.sqrt(pairwiseSum(line.map((element) => (element / scale) ** 2))) * scale;
}

const arrayNorm = reducing('norm', lineLength, true);

/** Exponentials of what elements are below the largest, their sum, and the largest. */
function lineExponentials(line) {
  const most = line.length ? line[placeOfLargest(line)] : 0;
  const largest = Number.isFinite(most) ? most : 0;
  const powers = line.map((element) => Math.exp(element - largest));
  return { powers, sum: pairwiseSum(powers), largest };
}

/** a less logsumexp(a): that of the largest element is the logarithm of 1 and what the others add to it. */
function lineLogSoftmax(line) {
  const { powers, largest } = lineExponentials(line);
  if (line.length) powers[placeOfLargest(line)] = 0;
  const above = Math.log1p(pairwiseSum(powers));
  return line.map((element) => element - largest - above);
}

/** b less its mean, with the softmax of a for weights, counted from the element that weighs most. */
function lineAboveMean(a, b) {
  const { powers, sum } = lineExponentials(a);
  const heaviest = a.length ? b[placeOfLargest(a)] : 0;
  const above = b.map((element) => element - heaviest);
  const mean = pairwiseSum(above.map((element, place) => powers[place] * element)) / sum;
  return { above: above.map((element) => element - mean), powers, sum };
}

function lineSoftmaxAlong(a, b) {
  const { above, powers, sum } = lineAboveMean(a, b);
  return above.map((element, place) => (element * powers[place]) / sum);
}

/** What comes of the elements up to each. */
function running(name, join) {
  const ofLine = (line) => {
    for (let place = 1; place < line.length; place += 1) line[place] = join(line[place - 1], line[place]);
    return line;
  };
  const along = alongLines(name, ofLine);
  return (a, axis) => {
    if (axis === undefined || axis === null) vectorSize(name, a);
    return along(a, axis);
  };
}

// Spread and order

/** Elements less their mean: exactly 0 where all are equal, and with all digits where the mean is large. */
function lineDemeaned(line) {
  const above = line.map((element) => element - line[0]);
  const mean = pairwiseSum(above) / line.length;
  return above.map((element) => element - mean);
}

function lineVariance(line) {
  return pairwiseSum(lineDemeaned(line).map((element) => element * element)) / line.length;
}

/** The places of the elements from the smallest to the largest, NaN last; of equal ones the first goes first. */
function lineOrder(line) {
  const compared = (one, other) => (one < other ? -1 : one > other ? 1 : Number(one !== one) - Number(other !== other));
  return Array.from(line.keys()).sort((one, other) => compared(line[one], line[other]) || one - other);
}

function lineSortedBack(a, b) {
  const result = new Float64Array(a.length);
  lineOrder(a).forEach((place, rank) => {
    result[place] = b[rank];
  });
  return result;
}

/** The element in the middle, or the mean of the two; NaN if any is. */
function lineMedian(line) {
  const ordered = line.sort();
  const size = line.length;
  if (ordered[size - 1] !== ordered[size - 1]) return NaN;
  const [low, high] = [ordered[(size - 1) >> 1], ordered[size >> 1]];
  const mean = (low + high) / 2;
  return size % 2 ? low : Math.abs(mean) === Infinity ? low / 2 + high / 2 : mean;
}

/** Each element less the one before it. */
function arrayDiff(a, axis = -1) {
  const shape = arrayShape('diff', a);
  const along = axisPlace('diff', axis, shape);
  const result = shape.map((size, place) => (place === along ? Math.max(size - 1, 0) : size));
  const step = along === shape.length - 1 ? 1 : shape[1];
  const columns = shape[1] ?? 0;
  return arrayOf(result, (row, column) => {
    const place = row * (shape.length === 2 ? columns : 1) + column;
    return a.data[place + step] - a.data[place];
  });
}

/** The elements moved so many places onward, the last ones to the front; without an axis row by row. */
function arrayRoll(a, places, axis) {
  if (typeof places !== 'number' || !Number.isInteger(places)) {
    const given = typeof places === 'number' ? numberText(places) : shapeText(places.shape);
    throw new Refused(`\`roll\` moves elements by a whole number of places, and is given ${given}`);
  }
  const moved = (line) => line.map((_, place) => line[(((place - places) % line.length) + line.length) % line.length]);
  return alongLines('roll', (line) => moved(line))(a, axis);
}

// Products

function arrayMatmul(a, b) {
  const [left, right] = [shapeOf(a), shapeOf(b)];
  if (!left.length || !right.length) {
    const message = `\`@\` multiplies vectors and matrices, and is given ${shapesListed([left, right])}`;
    throw new Refused(message, 'shape', 'with a number, write `*`');
  }
  const inner = left[left.length - 1];
  if (inner !== right[0]) {
    const turned = (left.length === 2 && left[0] === right[0]) || (right.length === 2 && right[1] === inner);
    const meet = `${inner} ${left.length === 2 ? 'columns' : 'elements'} meet ${right[0]} rows`;
    const remedy = turned ? "transpose one of the two with `'`" : '';
    throw new Refused(`${shapesListed([left, right])} cannot be multiplied: ${meet}`, 'shape', remedy);
  }
  if (left.length === 1 && right.length === 1) return dotOfVectors(a.data, b.data);
  const shape = [...left.slice(0, -1), ...right.slice(1)];
  const [rows, columns] = [left.length === 2 ? left[0] : 1, right[1] ?? 1];
  return new NDArray(shape, matrixProduct(a.data, b.data, rows, inner, columns));
}

function dotOfVectors(a, b) {
  return pairwiseSum(a.map((element, place) => element * b[place]));
}

function arrayDot(a, b) {
  const shapes = [shapeOf(a), shapeOf(b)];
  if (shapes.some((shape) => shape.length !== 1)) {
    const message = `\`dot\` takes two vectors, and is given ${shapesListed(shapes)}`;
    throw new Refused(message, 'shape', 'for matrices, write `A @ B`');
  }
  if (shapes[0][0] !== shapes[1][0]) {
    throw new Refused(`\`dot\` takes vectors of the same size, and is given ${shapesListed(shapes)}`);
  }
  return dotOfVectors(a.data, b.data);
}

function arrayOuter(a, b) {
  const shapes = [shapeOf(a), shapeOf(b)];
  if (shapes.some((shape) => shape.length !== 1)) {
    throw new Refused(`\`outer\` takes two vectors, and is given ${shapesListed(shapes)}`);
  }
  return arrayOf(roomFor('outer', shapes.flat()), (row, column) => a.data[row] * b.data[column]);
}

// Shapes and parts

function arrayTranspose(a) {
  if (shapeOf(a).length < 2) return a;
  return new NDArray([...a.shape].reverse(), matrixTranspose(a.data, ...a.shape));
}

function arrayTrace(a) {
  const [rows, columns] = matrixShape('trace', a);
  let total = 0;
  for (let place = 0; place < Math.min(rows, columns); place += 1) total += a.data[place * (columns + 1)];
  return total;
}

/** The matrix with a diagonal, or the diagonal of a matrix. */
function arrayDiag(a) {
  const shape = arrayShape('diag', a);
  if (shape.length === 1) {
    return arrayOf([shape[0], shape[0]], (row, column) => (row === column ? a.data[row] : 0));
  }
  return arrayOf([Math.min(...shape)], (place) => a.data[place * (shape[1] + 1)]);
}

/** The elements of a matrix for which a test of row and column holds, 0 in the place of others. */
function triangleOf(name, holds) {
  return (a) => {
    const [rows, columns] = matrixShape(name, a);
    return arrayOf([rows, columns], (row, column) => (holds(row, column) ? a.data[row * columns + column] : 0));
  };
}

const arrayTril = triangleOf('tril', (row, column) => column <= row);
const arrayTriu = triangleOf('triu', (row, column) => column >= row);

/** The symmetric matrix with the same lower triangle. */
function arrayCopyltu(a) {
  const size = squareSize('copyltu', a);
  return arrayOf([size, size], (row, column) => a.data[Math.max(row, column) * size + Math.min(row, column)]);
}

/** The elements in another shape, row by row; a size may be -1. */
function arrayReshape(a, ...given) {
  const shape = shapeOf(a);
  const total = sizeOfShape(shape);
  const sizes = given.map((size) => (size === -1 ? -1 : sizeValue('reshape', size)));
  const free = sizes.filter((size) => size === -1).length;
  const rest = sizeOfShape(sizes.filter((size) => size !== -1));
  if (!(free === 1 ? rest && total % rest === 0 : !free && rest === total)) {
    const wanted = given.map((size) => numberText(size)).join(' × ');
    throw new Refused(
      `\`reshape\` keeps the number of elements: ${shapeText(shape)} has ${total}, which is not ${wanted}`,
    );
  }
  const data = typeof a === 'number' ? Float64Array.of(a) : a.data;
  return new NDArray(sizes.map((size) => (size === -1 ? total / rest : size)), data);
}

/** The elements of arrays, one array behind the other. */
function joinedData(shape, operands) {
  const result = emptyArray(shape);
  let start = 0;
  for (const operand of operands) {
    const data = typeof operand === 'number' ? [operand] : operand.data;
    result.data.set(data, start);
    start += data.length;
  }
  return result;
}

/** Vectors end to end, matrices below each other. */
function arrayConcat(...operands) {
  const first = shapeOf(operands[0]);
  for (const operand of operands) {
    const shape = arrayShape('concat', operand);
    if (!sameShape(shape.slice(1), first.slice(1)) || shape.length !== first.length) {
      const message = `\`concat\` joins vectors, or matrices with as many columns: these are ${shapeText(first)}`;
      throw new Refused(`${message} and ${shapeText(shape)}`);
    }
  }
  const rows = operands.reduce((total, operand) => total + operand.shape[0], 0);
  return joinedData([rows, ...first.slice(1)], operands);
}

/** A vector of numbers, or a matrix of rows. */
function arrayStack(...operands) {
  const first = shapeOf(operands[0]);
  for (const operand of operands) {
    const shape = shapeOf(operand);
    if (!sameShape(shape, first)) {
      throw new Refused(`the rows of an array are alike, and these are ${shapeText(first)} and ${shapeText(shape)}`);
    }
  }
  if (first.length > 1) {
    const message = 'matrices cannot be stacked: there are vectors and matrices only';
    throw new Refused(message, 'shape', 'join them with `concat`');
  }
  return joinedData([operands.length, ...first], operands);
}

/** Refuse an operation that cannot make the shape of a that of b. */
function refuseUnlessWider(name, wide, narrow, a, b) {
  if (!sameShape(broadcastShape([wide, narrow]), wide)) {
    throw new Refused(`\`${name}\` cannot make ${shapeText(shapeOf(a))} into ${shapeText(shapeOf(b))}`);
  }
}

/** a, repeated to the shape of b. */
function arrayExpand(a, b) {
  refuseUnlessWider('expand', shapeOf(b), shapeOf(a), a, b);
  return fitted(a, shapeOf(b));
}

/** a, summed to the shape of b: what a value that was repeated receives. */
function arraySumTo(a, b) {
  refuseUnlessWider('sum_to', shapeOf(a), shapeOf(b), a, b);
  return fitted(a, shapeOf(b));
}

/** An array with one number in all places. */
function filled(name, number) {
  return (...sizes) => {
    const result = emptyArray(roomFor(name, sizes.map((size) => sizeValue(name, size))));
    result.data.fill(number);
    return result;
  };
}

function arrayEye(...given) {
  const sizes = given.map((size) => sizeValue('eye', size));
  const shape = roomFor('eye', sizes.length === 2 ? sizes : [sizes[0], sizes[0]]);
  return new NDArray(shape, matrixOfOnes(...shape));
}

/** Numbers at equal distances from a to b. */
function arrayLinspace(a, b, count) {
  if (typeof a !== 'number' || typeof b !== 'number') {
    const given = shapesListed([shapeOf(a), shapeOf(b)]);
    throw new Refused(`\`linspace\` goes from a number to a number, and is given ${given}`);
  }
  const [size] = roomFor('linspace', [sizeValue('linspace', count, 1)]);
  const step = (b - a) / (size - 1);
  return arrayOf([size], (place) => (place === 0 ? a : place === size - 1 ? b : place * step + a));
}

// Elements

/** A number that counts elements. */
function wholeBound(bound) {
  if (typeof bound !== 'number' || !Number.isInteger(bound)) {
    const shown = typeof bound === 'number' ? numberText(bound, 17) : shapeText(bound.shape);
    throw new Refused(`a subscript is a whole number, and this is ${shown}`, 'subscript');
  }
  return bound;
}

function elementPlace(bound, size) {
  const position = wholeBound(bound);
  if (!(position >= -size && position < size)) {
    const remedy = size ? `they are counted from 0 to ${size - 1}, or backward from -1 to -${size}` : '';
    throw new Refused(`there is no element ${numberText(position, 17)} among ${size}`, 'subscript', remedy);
  }
  return position < 0 ? position + size : position;
}

/** The places that a slice chooses, as Python counts them; null for a bound that is not given. */
function slicePlaces(start, stop, step, size) {
  if (step === 0) throw new Refused('the step of a slice is not 0', 'subscript');
  const by = step ?? 1;
  const [least, most] = by > 0 ? [0, size] : [-1, size - 1];
  const within = (bound, usual) => {
    if (bound === null) return usual;
    return Math.min(Math.max(bound < 0 ? bound + size : bound, least), most);
  };
  const [from, to] = [within(start, by > 0 ? least : most), within(stop, by > 0 ? most : least)];
  const count = Math.max(0, Math.ceil((to - from) / by));
  return Array.from({ length: count }, (_, place) => from + place * by);
}

/** The places along each axis that subscripts such as `.:,.` choose, with the values of its points in order. */
function subscriptPlaces(a, pattern, bounds) {
  const shape = shapeOf(a);
  if (!shape.length) throw new Refused('a number has no elements', 'subscript');
  const parts = pattern.split(',');
  if (parts.length > shape.length) {
    throw new Refused(`${parts.length} subscripts are too many for ${shapeText(shape)}`, 'subscript');
  }
  let used = 0;
  const next = () => bounds[used++];
  const axes = shape.map((size, axis) => {
    const part = parts[axis] ?? ':';
    if (part === '.') return [elementPlace(next(), size)];
    const given = [...part.split(':'), ''].slice(0, 3).map((text) => (text ? wholeBound(next()) : null));
    return slicePlaces(...given, size);
  });
  const columns = shape[1] ?? 1;
  const [rows, across] = [axes[0], axes[1] ?? [0]];
  return {
    room: axes.map((places) => places.length).filter((_, axis) => parts[axis] !== '.'),
    places: rows.flatMap((row) => across.map((column) => row * columns + column)),
  };
}

/** An element, or a part of an array; the last operand is the pattern. */
function arrayElement(a, ...boundsAndPattern) {
  const { room, places } = subscriptPlaces(a, boundsAndPattern.at(-1), boundsAndPattern.slice(0, -1));
  return valueOfShape(room, Float64Array.from(places, (place) => a.data[place]));
}

/** A copy of an array with other elements in one place. */
function arrayUpdate(a, value, ...boundsAndPattern) {
  const { room, places } = subscriptPlaces(a, boundsAndPattern.at(-1), boundsAndPattern.slice(0, -1));
  refuseUnlessFits(shapeOf(value), room);
  const result = new NDArray(a.shape, Float64Array.from(a.data));
  const given = typeof value === 'number' ? null : repeatedData(value, room);
  places.forEach((place, rank) => {
    result.data[place] = given ? given[rank] : value;
  });
  return result;
}

// Linear algebra

function refuseNotFinite(name, a) {
  if (!allFinite(a)) {
    throw new Refused(`\`${name}\` is given a matrix with values that are not finite`, 'not-finite');
  }
}

/** The condition number of a matrix, for which nothing is rounded that could be left as it is. */
function conditionOf(data, rows, columns) {
  const { values } = matrixSingular(data, rows, columns);
  return values.length ? values[0] / values[values.length - 1] : 0;
}

/** What is said of a matrix that has no inverse, as far as can be told. */
function singularMatrix(name, a) {
  const condition = conditionOf(a.data, ...a.shape);
  const shown = condition < 2 ** 52
    ? condition.toExponential(1).replace(/e([+-])(\d)$/, 'e$10$2')
    : 'infinite, as far as doubles tell';
  const matrix = shapeText(a.shape).slice(2);
  return new Refused(
    `\`${name}\` cannot do with a singular matrix: the condition number of this ${matrix} is ${shown}`, 'singular',
    'its rows or columns depend on each other: look for one that stands twice',
  );
}

const SUSPICIOUS = 1e13; // the size of an inverse times that of the matrix, from which it is asked for its condition

/** Powers of 2 that bring the largest element of each line to about 1. */
function lineScales(a, axis) {
  const lines = linesOf(a.shape, axis);
  return lines.starts.map((start) => {
    const size = largestSize(lineElements(a.data, start, lines));
    return size > 0 ? 2 ** -Math.max(Math.min(Math.floor(Math.log2(size)) + 1, 1000), -1000) : 1;
  });
}

/** x with a @ x = b, by elimination; of a matrix that is badly scaled, scaled by powers of 2. */
function systemSolved(name, a, right, columns) {
  const size = a.shape[0];
  refuseNotFinite(name, a);
  const usual = largestSize(right);
  const result = matrixSolved(a.data, size, right, columns);
  if (result && (!Number.isFinite(usual) || (largestSize(result) / (usual || 1)) * largestSize(a.data) <= SUSPICIOUS)) {
    return result;
  }
  const byColumn = lineScales(a, 0);
  const half = arrayOf(a.shape, (row, column) => a.data[row * size + column] * byColumn[column]);
  const byRow = lineScales(half, 1);
  const scaled = arrayOf(a.shape, (row, column) => half.data[row * size + column] * byRow[row]);
  if (!(conditionOf(scaled.data, size, size) < 2 ** 52)) throw singularMatrix(name, a);
  const given = right.map((element, place) => element * byRow[Math.floor(place / columns)]);
  const solved = matrixSolved(scaled.data, size, given, columns);
  return solved.map((element, place) => element * byColumn[Math.floor(place / columns)]);
}

/** The shape of the right side of a system of equations with so many rows. */
function rightSide(name, rows, ...operands) {
  const b = operands[1];
  if (shapeOf(b)[0] !== rows) {
    const given = shapesListed(operands.map(shapeOf));
    throw new Refused(`\`${name}\` needs a right side with as many rows as the matrix, and is given ${given}`);
  }
  return b.shape;
}

function arraySolve(a, b) {
  const shape = rightSide('solve', squareSize('solve', a), a, b);
  return new NDArray(shape, systemSolved('solve', a, b.data, shape[1] ?? 1));
}

function inverseOf(name, a) {
  const size = squareSize(name, a);
  return new NDArray([size, size], systemSolved(name, a, matrixOfOnes(size, size), size));
}

function arrayDet(a) {
  const { sign, diagonal } = matrixLu(a.data, squareSize('det', a));
  return diagonal.reduce((product, element) => product * element, sign);
}

function arrayLogdet(a) {
  const { diagonal } = matrixLu(a.data, squareSize('logdet', a));
  return diagonal.reduce((total, element) => total + Math.log(Math.abs(element)), 0);
}

/** The vector products of rows of two matrices with 3 rows: `after` of the one with `before` of the other. */
function crossedRows(a, b) {
  const row = (matrix, place) => matrix.data.subarray((place % 3) * 3, (place % 3) * 3 + 3);
  const results = [0, 1, 2].map((place) => vectorProduct(row(a, place + 1), row(b, place + 2)));
  return new NDArray([3, 3], Float64Array.from(results.flat()));
}

function vectorProduct(x, y) {
  return [0, 1, 2].map((place) => {
    const [next, last] = [(place + 1) % 3, (place + 2) % 3];
    return x[next] * y[last] - x[last] * y[next];
  });
}

/** The singular values of a square matrix with the signs of its vectors' determinants. */
function signedSingular(a) {
  const size = a.shape[0];
  const { left, values, right } = matrixSingular(a.data, size, size);
  const sign = Math.sign(arrayDet(new NDArray(a.shape, left)) * arrayDet(new NDArray(a.shape, right)));
  const others = (...places) => values.reduce((total, value, at) => (places.includes(at) ? total : total * value), 1);
  return { left, right, sign, size, others };
}

/** left @ inside @ right' times a sign. */
function betweenVectors({ left, right, sign, size }, inside) {
  const product = matrixProduct(matrixProduct(left, inside, size, size, size), matrixTranspose(right, size, size),
    size, size, size);
  return new NDArray([size, size], product.map((element) => sign * element));
}

/** The matrix of the cofactors: of a small matrix as its minors, else from its singular values. */
function arrayCofactor(a) {
  const size = squareSize('cofactor', a);
  refuseNotFinite('cofactor', a);
  if (size === 2) {
    const [first, second, third, fourth] = a.data;
    return new NDArray([2, 2], Float64Array.of(fourth, -third, -second, first));
  }
  if (size === 3) return crossedRows(a, a);
  const parts = signedSingular(a);
  return betweenVectors(parts, arrayOf(a.shape, (i, j) => (i === j ? parts.others(i) : 0)).data);
}

/** How the matrix of the cofactors changes along b: from products, or from singular values. */
function arrayCofactorAlong(a, b) {
  const [size, other] = [squareSize('cofactor_along', a), squareSize('cofactor_along', b)];
  if (size !== other) {
    const given = shapesListed([a.shape, b.shape]);
    throw new Refused(`\`cofactor_along\` needs two matrices of one shape, and is given ${given}`);
  }
  refuseNotFinite('cofactor_along', a);
  refuseNotFinite('cofactor_along', b);
  if (size < 2) return emptyArray(a.shape);
  if (size === 2) return arrayCofactor(b);
  if (size === 3) return added(crossedRows(a, b), crossedRows(b, a));
  const parts = signedSingular(a);
  const turned = matrixProduct(matrixProduct(matrixTranspose(parts.left, size, size), b.data, size, size, size),
    parts.right, size, size, size);
  const inside = arrayOf(a.shape, (i, j) => {
    if (i !== j) return -parts.others(i, j) * turned[j * size + i];
    let total = 0;
    for (let k = 0; k < size; k += 1) total += k === i ? 0 : parts.others(i, k) * turned[k * size + k];
    return total;
  });
  return betweenVectors(parts, inside.data);
}

/** (a + a') / 2. */
function symmetricPart(a) {
  const size = a.shape[0];
  return arrayOf(a.shape, (row, column) => (a.data[row * size + column] + a.data[column * size + row]) / 2);
}

function arrayCholesky(a) {
  const size = squareSize('cholesky', a);
  refuseNotFinite('cholesky', a);
  const symmetric = symmetricPart(a);
  const factor = matrixCholesky(symmetric.data, size);
  if (!factor) {
    const least = numberText(matrixEigen(symmetric.data, size).values[0], 3);
    const message = `\`cholesky\` needs a positive definite matrix, and the least eigenvalue of this one is ${least}`;
    throw new Refused(message, 'singular', 'a small multiple of `eye(n)` added to it may help');
  }
  return new NDArray([size, size], factor);
}

/** The shape of a matrix that has at least as many rows as columns. */
function tallShape(name, a) {
  const shape = matrixShape(name, a);
  if (shape[0] < shape[1]) {
    const given = shapeText(shape);
    throw new Refused(`\`${name}\` takes a matrix with at least as many rows as columns, and is given ${given}`);
  }
  return shape;
}

/** Q and R below each other; the diagonal of R is positive, which makes them unique and smooth. */
function arrayQr(a) {
  const [rows, columns] = tallShape('qr', a);
  refuseNotFinite('qr', a);
  const { q, r } = matrixQr(a.data, rows, columns);
  return joinedData([rows + columns, columns], [{ data: q }, { data: r }]);
}

/** The x for which a @ x is nearest to b. */
function arrayLstsq(a, b) {
  const [rows, columns] = tallShape('lstsq', a);
  const shape = rightSide('lstsq', rows, a, b);
  refuseNotFinite('lstsq', a);
  if (!(conditionOf(a.data, rows, columns) < 2 ** 52 / rows)) throw singularMatrix('lstsq', a);
  const { q, r } = matrixQr(a.data, rows, columns);
  const across = shape[1] ?? 1;
  const right = matrixProduct(matrixTranspose(q, rows, columns), b.data, columns, rows, across);
  return new NDArray([columns, ...shape.slice(1)], matrixTriangleSolved(r, columns, right, across, false));
}

/** x with t @ x = b, where t is the upper triangle of a, or the lower one. Nothing else of a is read. */
function arraySolveTriangular(a, b, lower = 0) {
  const size = squareSize('solve_triangular', a);
  if (lower !== 0 && lower !== 1) {
    throw new Refused('the third operand of `solve_triangular` is 0 for the upper triangle, and 1 for the lower one');
  }
  const shape = rightSide('solve_triangular', size, a, b, lower);
  const t = lower ? arrayTril(a) : arrayTriu(a);
  refuseNotFinite('solve_triangular', t);
  if (arrayDiag(t).data.includes(0)) throw singularMatrix('solve_triangular', t);
  return new NDArray(shape, matrixTriangleSolved(t.data, size, b.data, shape[1] ?? 1, lower === 1));
}

/** The pseudoinverse of a matrix whose columns, or rows, are independent. */
function arrayPinv(a) {
  const [rows, columns] = matrixShape('pinv', a);
  refuseNotFinite('pinv', a);
  const { left, values, right } = matrixSingular(a.data, rows, columns);
  const count = values.length;
  if (count && !(values[count - 1] > Math.max(rows, columns) * 2 ** -52 * values[0])) throw singularMatrix('pinv', a);
  const divided = right.map((element, place) => element / values[place % count]);
  return new NDArray([columns, rows],
    matrixProduct(divided, matrixTranspose(left, rows, count), columns, count, rows));
}

// Eigenvalues and singular values

/** What gives each column a positive product with exp(-k / n), k = 0, 1 …. */
function columnSigns(data, rows, columns) {
  return Array.from({ length: columns }, (_, column) => {
    let total = 0;
    for (let row = 0; row < rows; row += 1) total += Math.exp(-row / rows) * data[row * columns + column];
    return total < 0 ? -1 : 1;
  });
}

function arrayEigvalsh(a) {
  const size = squareSize('eigvalsh', a);
  refuseNotFinite('eigvalsh', a);
  return new NDArray([size], matrixEigen(symmetricPart(a).data, size).values);
}

/** The eigenvalues of the symmetric part, ascending, and below them the vectors as columns. */
function arrayEigh(a) {
  const size = squareSize('eigh', a);
  refuseNotFinite('eigh', a);
  const { values, vectors } = matrixEigen(symmetricPart(a).data, size);
  const signs = columnSigns(vectors, size, size);
  const signed = vectors.map((element, place) => element * signs[place % size]);
  return joinedData([size + 1, size], [{ data: values }, { data: signed }]);
}

/** U, the singular values and V below each other, each with as many columns as there are singular values. */
function arraySvd(a) {
  const [rows, columns] = matrixShape('svd', a);
  refuseNotFinite('svd', a);
  const { left, values, right } = matrixSingular(a.data, rows, columns);
  const count = values.length;
  const signs = columnSigns(right, columns, count);
  const [u, v] = [left, right].map((data) => ({ data: data.map((element, place) => element * signs[place % count]) }));
  return joinedData([rows + 1 + columns, count], [u, { data: values }, v]);
}

/** How far eigenvalues are apart at most where rounding may have taken them apart. */
function indistinct(values) {
  return 4 * 2 ** -52 * values.length * largestSize(values);
}

/** 1 over the difference of the elements j and i, at place i, j; 0 where rounding cannot tell them apart. */
function arrayOverDifferences(a) {
  const size = vectorSize('over_differences', a);
  return arrayOf([size, size], (row, column) => {
    const apart = a.data[column] - a.data[row];
    return Math.abs(apart) <= indistinct(a.data) ? 0 : 1 / apart;
  });
}

/** 1 over the number of elements that are the same as element i, in the places i, j of those; else 0. */
function arrayShares(a) {
  const size = vectorSize('shares', a);
  const order = lineOrder(a.data);
  const cluster = new Array(size).fill(0);
  for (let rank = 1; rank < size; rank += 1) {
    const apart = Math.abs(a.data[order[rank]] - a.data[order[rank - 1]]);
    cluster[order[rank]] = cluster[order[rank - 1]] + Number(apart > indistinct(a.data));
  }
  return arrayOf([size, size], (row, column) => {
    return cluster[row] === cluster[column] ? 1 / cluster.filter((other) => other === cluster[row]).length : 0;
  });
}

// Tiles and blocks

/** a, repeated along the last axes. */
function arrayTile(a, ...given) {
  const counts = given.map((count) => sizeValue('tile', count));
  const own = [...new Array(Math.max(counts.length - shapeOf(a).length, 0)).fill(1), ...shapeOf(a)];
  const before = own.length - counts.length;
  const shape = roomFor('tile', own.map((size, axis) => (axis < before ? size : size * counts[axis - before])));
  const { rows, columns, data } = asRows(a);
  if (shape.length === 1) return arrayOf(shape, (place) => data[place % columns]);
  return arrayOf(shape, (row, column) => data[(row % rows) * columns + (column % columns)]);
}

/** a, summed over what repeats the shape of b as tiles. */
function arraySumTiles(a, b) {
  const [whole, part] = [shapeOf(a), shapeOf(b)];
  const more = whole.length - part.length;
  if (more < 0 || part.some((own, axis) => whole[more + axis] % Math.max(own, 1))) {
    throw new Refused(`\`sum_tiles\` cannot make ${shapeText(part)} of ${shapeText(whole)}`);
  }
  const [from, to] = [asRows(a), asRows(b)];
  const sums = new Float64Array(to.rows * to.columns);
  from.data.forEach((element, place) => {
    const [row, column] = [Math.floor(place / from.columns), place % from.columns];
    if (sums.length) sums[(row % to.rows) * to.columns + (column % to.columns)] += element;
  });
  return valueOfShape(part, sums);
}

/** The blocks of a matrix, each as a row. */
function arrayBlocks(a, ...given) {
  const shape = matrixShape('blocks', a);
  const [rows, columns] = given.map((size) => sizeValue('blocks', size, 1));
  if (shape[0] % rows || shape[1] % columns) {
    throw new Refused(`${shapeText(shape)} has no blocks of ${rows} × ${columns}`);
  }
  const across = shape[1] / columns;
  return arrayOf([(shape[0] / rows) * across, rows * columns], (block, place) => {
    const row = Math.floor(block / across) * rows + Math.floor(place / columns);
    return a.data[row * shape[1] + (block % across) * columns + (place % columns)];
  });
}

// Elements at places

function refuseUnlessPlaces(name, b, size) {
  const wrong = asRows(b).data.find((place) => !(Number.isInteger(place) && place >= 0 && place < size));
  if (wrong !== undefined) {
    const message = `\`${name}\` takes places among ${size} elements, and is given ${numberText(wrong, 17)}`;
    throw new Refused(message, 'subscript', 'they are whole numbers, counted from 0');
  }
}

function arrayTake(a, b) {
  const size = vectorFor('take', a, 'what it takes elements of');
  refuseUnlessPlaces('take', b, size);
  return eachElement((place) => a.data[place], b);
}

/** Elements, summed at their places in a vector. */
function arraySumAt(a, b, c) {
  if (!sameShape(shapeOf(a), shapeOf(b))) {
    const given = shapesListed([shapeOf(a), shapeOf(b)]);
    throw new Refused(`\`sum_at\` needs a place for each element, and is given ${given}`);
  }
  const result = emptyArray([vectorFor('sum_at', c, 'what tells the size of the result')]);
  refuseUnlessPlaces('sum_at', b, result.data.length);
  const [elements, places] = [asRows(a).data, asRows(b).data];
  elements.forEach((element, rank) => {
    result.data[places[rank]] += element;
  });
  return result;
}

// Other products

function arrayCross(a, b) {
  const shapes = [shapeOf(a), shapeOf(b)];
  if (shapes.some((shape) => !sameShape(shape, [3]))) {
    throw new Refused(`\`cross\` takes two vectors of 3, and is given ${shapesListed(shapes)}`);
  }
  return new NDArray([3], Float64Array.from(vectorProduct(a.data, b.data)));
}

/** All products of the elements of two arrays, b in the place of each element of a. */
function arrayKron(a, b) {
  const rank = Math.max(arrayShape('kron', a).length, arrayShape('kron', b).length);
  const [left, right] = [asRows(a), asRows(b)];
  const shape = roomFor('kron', [left.rows * right.rows, left.columns * right.columns].slice(2 - rank));
  const { rows, columns } = right;
  const element = (row, column) => left.data[Math.floor(row / rows) * left.columns + Math.floor(column / columns)]
    * right.data[(row % rows) * columns + (column % columns)];
  return arrayOf(shape, rank === 2 ? element : (place) => element(0, place));
}

/** A polynomial by Horner's rule, the coefficient of the highest power first. */
function arrayPolyval(p, x) {
  const size = vectorFor('polyval', p, 'coefficients');
  if (!size) throw new Refused('`polyval` needs a coefficient at least, and is given none');
  return eachElement((at) => p.data.subarray(1).reduce((total, next) => total * at + next, p.data[0]), x);
}

/** The powers of numbers, the highest first and 1 last. */
function arrayVander(x, n) {
  const own = shapeOf(x);
  if (own.length > 1) throw new Refused(`\`vander\` takes a number or a vector, and is given ${shapeText(own)}`);
  const shape = roomFor('vander', [...own, sizeValue('vander', n, 1)]);
  const result = emptyArray(shape);
  result.data.fill(1);
  asRows(x).data.forEach((base, row) => {
    for (let place = row * n + n - 2; place >= row * n; place -= 1) result.data[place] = result.data[place + 1] * base;
  });
  return result;
}

const MOST_FACTORS = 3; // operands of an `einsum`

/** The letters of the operands of an `einsum` and of its result, and how far each goes. */
function einsumLetters(text, operands) {
  const refuse = (what) => {
    const remedy = 'give each operand a letter for each axis, and the result those that stay: '
      + '`einsum("ij,jk->ik", A, B)`';
    throw new Refused(`\`einsum("${text}", …)\` ${what}`, 'shape', remedy);
  };
  const [left, given] = text.replace(/ /g, '').split(/->(.*)/);
  const terms = left.split(',');
  const once = [...new Set(left.replace(/,/g, ''))].sort().filter((letter) => left.split(letter).length === 2);
  const result = given ?? once.join('');
  const strange = (left + result).match(/[^A-Za-z,]/) ?? result.match(/,/);
  if (strange) {
    refuse(`takes letters, with \`,\` between operands and \`->\` before the result, not \`${strange[0]}\``);
  }
  if (terms.length > MOST_FACTORS) refuse(`has ${terms.length} operands, and takes at most ${MOST_FACTORS}`);
  for (const letter of result) {
    if (!left.includes(letter)) refuse(`has the letter \`${letter}\` in its result, which stands in no operand`);
    if (result.split(letter).length > 2) refuse(`has the letter \`${letter}\` twice in its result`);
  }
  for (const term of [...terms, result]) {
    if (term.length <= 2) continue;
    refuse(`has an array with ${term.length} letters, \`${term}\`: there are vectors and matrices only`);
  }
  if (terms.length !== operands.length) {
    refuse(`has letters for ${terms.length} operands, and is given ${operands.length}`);
  }
  const sizes = new Map();
  terms.forEach((term, place) => {
    const shape = shapeOf(operands[place]);
    if (term.length !== shape.length) {
      const letters = term ? `\`${term}\`` : 'no letter';
      refuse(`has ${letters} for ${shapeText(shape)}: a letter for each axis`);
    }
    [...term].forEach((letter, axis) => {
      const known = sizes.get(letter) ?? shape[axis];
      if (known !== shape[axis]) {
        refuse(`has \`${letter}\` go to ${known} and to ${shape[axis]}, in ${shapesListed(operands.map(shapeOf))}`);
      }
      sizes.set(letter, known);
    });
  });
  return { terms, result, sizes };
}

/** The sum of products by their subscripts; the last operand is their text. */
function arrayEinsum(...operandsAndText) {
  const operands = operandsAndText.slice(0, -1);
  const { terms, result, sizes } = einsumLetters(operandsAndText.at(-1), operands);
  const letters = [...result, ...[...sizes.keys()].filter((letter) => !result.includes(letter))];
  const counts = letters.map((letter) => sizes.get(letter));
  const strides = (term, shape) => letters.map((letter) => [...term].reduce(
    (total, own, axis) => (own === letter ? total + sizeOfShape(shape.slice(axis + 1)) : total), 0,
  ));
  const all = [...terms.map((term, place) => strides(term, shapeOf(operands[place]))),
    strides(result, [...result].map((letter) => sizes.get(letter)))];
  const shape = [...result].map((letter) => sizes.get(letter));
  const sums = new Float64Array(sizeOfShape(shape));
  const data = operands.map((operand) => asRows(operand).data);
  const walk = (depth, places) => {
    if (depth === letters.length) {
      sums[places[data.length]] += data.reduce((product, part, place) => product * part[places[place]], 1);
      return;
    }
    const next = [...places];
    for (let count = 0; count < counts[depth]; count += 1) {
      walk(depth + 1, next);
      for (let place = 0; place < next.length; place += 1) next[place] += all[place][depth];
    }
  };
  walk(0, all.map(() => 0));
  return valueOfShape(shape, sums);
}

// Between knots

function refuseUnlessOrdered(name, knots, isOrdered, wanted) {
  const { data } = knots;
  if (data.every((knot, place) => place === 0 || isOrdered(data[place - 1], knot))) return;
  const place = data.findIndex((knot, at) => at > 0 && !(knot > data[at - 1]));
  const [before, after] = [numberText(data[place - 1]), numberText(data[place])];
  const message = `\`${name}\` needs a vector that ${wanted}, and after ${before} there is ${after}`;
  throw new Refused(message, 'shape', '`sort` brings numbers into order');
}

/** How many elements of a vector that is in order are less than a number; NaN counts as larger than all. */
function countBelow(data, at) {
  const place = data.findIndex((knot) => knot >= at);
  return place < 0 ? data.length : place;
}

function arraySearchsorted(knots, x) {
  vectorFor('searchsorted', knots, 'what it looks up numbers in');
  refuseUnlessOrdered('searchsorted', knots, (before, after) => after - before >= 0, 'is in order');
  return eachElement((at) => countBelow(knots.data, at), x);
}

/** A table: linear between its knots, constant beyond them, and exact at each. */
function arrayInterp(x, knots, heights) {
  const size = vectorFor('interp', knots, 'knots');
  const count = vectorFor('interp', heights, 'values');
  if (size !== count) {
    const given = shapesListed([knots.shape, heights.shape]);
    throw new Refused(`\`interp\` needs a value for each knot, and is given ${given}`);
  }
  if (!size) throw new Refused('`interp` needs a knot at least, and is given none');
  refuseUnlessOrdered('interp', knots, (before, after) => after - before > 0, 'increases');
  return eachElement((at) => tableAt(at, knots.data, heights.data), x);
}

function tableAt(at, knots, heights) {
  const last = knots.length - 1;
  if (at !== at) return NaN;
  if (last === 0 || at < knots[0]) return heights[0];
  if (at > knots[last]) return heights[last];
  const next = Math.min(Math.max(countBelow(knots, at), 1), last);
  const [low, high] = [heights[next - 1], heights[next]];
  const width = knots[next] - knots[next - 1];
  const [share, rest] = [(at - knots[next - 1]) / width, (knots[next] - at) / width];
  const step = high - low;
  if (!Number.isFinite(step)) return rest * low + share * high;
  return share <= 0.5 ? low + share * step : high - rest * step;
}

const takeLine = (a, b) => lineOrder(a).map((place) => b[place]);

/** The operations on whole arrays, by the name of the kernel: functions of the operands and of what a row sets. */
export const KERNELS = {
  first: (a) => a,
  total: arrayTotal,
  mean: arrayMean,
  product: reducing('prod', (line) => line.reduce((product, element) => product * element, 1), true),
  largest: reducing('max', (line) => line[placeOfLargest(line)]),
  smallest: reducing('min', (line) => line[placeOfLargest(line, -1)]),
  norm: arrayNorm,
  logsumexp: reducing('logsumexp', (line) => {
    const { sum, largest } = lineExponentials(line);
    return Math.log(sum) + largest;
  }, true),
  softmax: alongLines('softmax', (line) => {
    const { powers, sum } = lineExponentials(line);
    return powers.map((power) => power / sum);
  }),
  log_softmax: alongLines('log_softmax', (line) => lineLogSoftmax(line)),
  softmax_along: alongLines('softmax_along', lineSoftmaxAlong),
  centered: alongLines('centered', (a, b) => lineAboveMean(a, b).above),
  cumsum: running('cumsum', (before, element) => before + element),
  cumprod: running('cumprod', (before, element) => before * element),
  var: reducing('var', lineVariance),
  std: reducing('std', (line) => lineLength(lineDemeaned(line)) / Math.sqrt(line.length)),
  demeaned: alongLines('demeaned', lineDemeaned),
  median: reducing('median', lineMedian),
  sort: alongLines('sort', (line) => line.sort(), -1),
  argsort: alongLines('argsort', (line) => lineOrder(line), -1),
  sort_along: alongLines('sort_along', takeLine, -1),
  sort_back: alongLines('sort_back', lineSortedBack, -1),
  argmax: reducing('argmax', (line) => placeOfLargest(line)),
  argmin: reducing('argmin', (line) => placeOfLargest(line, -1)),
  diff: arrayDiff,
  roll: arrayRoll,
  length: (a, axis = 0) => arrayShape('length', a)[axisPlace('length', axis, a.shape)],
  matmul: arrayMatmul,
  dot: arrayDot,
  outer: arrayOuter,
  stack: arrayStack,
  concat: arrayConcat,
  transpose: arrayTranspose,
  expand: arrayExpand,
  sum_to: arraySumTo,
  select: (mask, chosen, other) => eachElement((holds, a, b) => (holds !== 0 ? a : b), mask, chosen, other),
  reshape: arrayReshape,
  trace: arrayTrace,
  diag: arrayDiag,
  tril: arrayTril,
  triu: arrayTriu,
  copyltu: arrayCopyltu,
  zeros: filled('zeros', 0),
  ones: filled('ones', 1),
  eye: arrayEye,
  linspace: arrayLinspace,
  element: arrayElement,
  update: arrayUpdate,
  det: arrayDet,
  cofactor: arrayCofactor,
  cofactor_along: arrayCofactorAlong,
  logdet: arrayLogdet,
  inv: (a) => inverseOf('inv', a),
  solve: arraySolve,
  solve_triangular: arraySolveTriangular,
  cholesky: arrayCholesky,
  qr: arrayQr,
  lstsq: arrayLstsq,
  pinv: arrayPinv,
  eigvalsh: arrayEigvalsh,
  eigh: arrayEigh,
  svd: arraySvd,
  over_differences: arrayOverDifferences,
  shares: arrayShares,
  tile: arrayTile,
  sum_tiles: arraySumTiles,
  blocks: arrayBlocks,
  take: arrayTake,
  sum_at: arraySumAt,
  cross: arrayCross,
  kron: arrayKron,
  polyval: arrayPolyval,
  vander: arrayVander,
  einsum: arrayEinsum,
  searchsorted: arraySearchsorted,
  interp: arrayInterp,
};
