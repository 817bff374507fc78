# Enqueues jobs: producer.rb [how many, 20] [how long each takes in ms, 1000]
require_relative 'resize'

count = (ARGV[0] || 20).to_i
ms = (ARGV[1] || 1000).to_i
count.times { |index| Resize.perform_async("dog-#{index + 1}.png", ms) }
puts "#{count} jobs are in the queue"
