package meaning

import "math"

// Middle is the middle of directions, each counted alike however long (their
// centroid); nil where there is none.
func Middle(vectors []Vector) Vector {
	var sum []float32
	for _, v := range vectors {
		length := float32(math.Sqrt(float64(v.Dot(v))))
		if length == 0 || sum != nil && len(v) != len(sum) {
			continue
		}
		if sum == nil {
			sum = make([]float32, len(v))
		}
		for i, x := range v {
			sum[i] += float32(x) / length
		}
	}
	return Quantised(sum)
}
